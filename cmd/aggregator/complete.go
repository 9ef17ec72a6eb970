package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

// completeStore gives --store the files that may be stores.
func completeStore(cmd *cobra.Command) { _ = cmd.MarkFlagFilename("store", "db") }

// complete offers a shell what an address of the API lists. What goes wrong offers
// nothing: nobody reads an error while typing.
func (a *asker) complete(path string, choices func([]byte) ([]cobra.Completion, error)) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		// Nothing where an argument more would be one too many.
		if c.Args != nil && c.Args(c, append(args, "one more")) != nil && len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		look := asker{config: a.config, store: a.store}
		cl, err := look.open()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer cl.close()
		body, err := cl.raw(c.Context(), path)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		list, err := choices(body)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

func feedChoices(body []byte) (list []cobra.Completion, err error) {
	var answer feedsAnswer
	err = json.Unmarshal(body, &answer)
	for _, f := range answer.Feeds {
		list = append(list, cobra.CompletionWithDesc(f.URL, plain(f.Name)), cobra.CompletionWithDesc(f.Outlet, plain(f.Name)))
	}
	return list, err
}

func storyChoices(body []byte) (list []cobra.Completion, err error) {
	var answer struct{ Stories []storyAnswer }
	err = json.Unmarshal(body, &answer)
	for _, s := range answer.Stories {
		list = append(list, cobra.CompletionWithDesc(fmt.Sprint(s.ID), plain(s.Headline)))
	}
	return list, err
}

func outletChoices(body []byte) (list []cobra.Completion, err error) {
	var answer outletsAnswer
	err = json.Unmarshal(body, &answer)
	for _, o := range answer.Outlets {
		list = append(list, cobra.CompletionWithDesc(o.ID, plain(o.Name)))
	}
	return list, err
}

func userChoices(body []byte) (list []cobra.Completion, err error) {
	var answer usersAnswer
	err = json.Unmarshal(body, &answer)
	for _, u := range answer.Users {
		list = append(list, u.Name)
	}
	return list, err
}

func tokenChoices(body []byte) (list []cobra.Completion, err error) {
	var answer usersAnswer
	err = json.Unmarshal(body, &answer)
	for _, u := range answer.Users {
		for _, k := range u.Tokens {
			list = append(list, cobra.CompletionWithDesc(k.ID, plain(u.Name+": "+k.Label)))
		}
	}
	return list, err
}
