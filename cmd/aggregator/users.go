package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"aggregator/store"
)

type (
	userAnswer struct {
		Name    string        `json:"name"`
		Created time.Time     `json:"created"`
		Tokens  []tokenAnswer `json:"tokens"`
	}
	tokenAnswer struct {
		ID      string    `json:"id"`
		Label   string    `json:"label"`
		Created time.Time `json:"created"`
	}
	usersAnswer struct {
		Users []userAnswer `json:"users"`
	}
)

func usersCommand() *cobra.Command {
	var a asker
	cmd := &cobra.Command{
		Use:   "users",
		Short: "List the users and their tokens; add and remove them",
		Long: `Users are those who read with a feed reader that keeps what was read (docs/readers.md)
and those in whose name programs change something by the API, which takes a token.
All of this works beside the running daemon, over its socket, and without one.`,
		Example: `  aggregator users
  aggregator users add ada
  aggregator users token ada "the newsroom's script"
  aggregator users revoke 1f2e3d4c5b6a`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var answer usersAnswer
			return a.showPath(c, usersPath, &answer, func(out io.Writer) { printUsers(out, answer.Users) })
		},
	}
	a.flags(cmd)
	cmd.AddCommand(
		changeUsers("add NAME", "Make a user; the password is asked for, or read from standard input", 1, "add", "User %[1]s is there.\n"),
		changeUsers("password NAME", "Change a user's password; feed readers must then log in anew", 1, "password", "The password of %[1]s is changed.\n"),
		changeUsers("remove NAME", "Remove a user with its tokens and all that it marked", 1, "remove", "User %[1]s is removed.\n"),
		changeUsers("token NAME [LABEL]", "Make a token for programs; it is shown once", 2, "token", ""),
		changeUsers("revoke TOKEN-ID", "Make a token worthless; `aggregator users` shows the ids", 1, "revoke", "Token %[1]s is revoked.\n"),
	)
	return cmd
}

// changeUsers is a command that changes users or tokens. Of its arguments all
// but the first may be left out.
func changeUsers(use, about string, args int, do, done string) *cobra.Command {
	a := asker{makes: true}
	cmd := &cobra.Command{
		Use: use, Short: about, Args: cobra.RangeArgs(1, args),
		RunE: func(c *cobra.Command, args []string) error {
			order := userOrder{Do: do, Name: args[0]}
			switch do {
			case "add", "password":
				var err error
				if order.Password, err = readPassword(c, args[0]); err != nil {
					return err
				}
			case "token":
				order.Label = strings.Join(args[1:], " ")
			}
			body, err := json.Marshal(order)
			if err != nil {
				return err
			}
			var answer userOrdered
			return a.show(c, func(cl *client) ([]byte, error) {
				return cl.post(c.Context(), usersPath, strings.NewReader(string(body)))
			}, &answer, func(out io.Writer) {
				if answer.Token != "" {
					fmt.Fprintln(out, answer.Token)
					fmt.Fprintln(c.ErrOrStderr(), "It is not shown again. Programs send it as:  Authorization: Bearer TOKEN")
					return
				}
				fmt.Fprintf(out, done, args[0])
			})
		},
	}
	a.flags(cmd)
	switch do {
	case "password", "remove", "token":
		cmd.ValidArgsFunction = a.complete(usersPath, userChoices)
	case "revoke":
		cmd.ValidArgsFunction = a.complete(usersPath, tokenChoices)
	}
	return cmd
}

// readPassword asks for a password twice at a terminal; elsewhere it is the
// first line of standard input.
func readPassword(c *cobra.Command, name string) (string, error) {
	in, ok := c.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(c.InOrStdin(), 1<<16)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var words [2]string
	for i, ask := range []string{"Password for " + name + ": ", "The same again: "} {
		fmt.Fprint(c.ErrOrStderr(), ask)
		word, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(c.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		words[i] = string(word)
	}
	if words[0] != words[1] {
		return "", errors.New("the two differ; nothing was changed")
	}
	return words[0], nil
}

func printUsers(out io.Writer, users []userAnswer) {
	if len(users) == 0 {
		fmt.Fprintln(out, "There are no users. Make one with: aggregator users add NAME")
		return
	}
	t := newTable(out, "USER", "SINCE (UTC)", "TOKEN", "MADE (UTC)", "LABEL")
	day := func(at time.Time) string { return at.UTC().Format("2 Jan 2006") }
	for _, u := range users {
		name, since := u.Name, day(u.Created)
		for _, k := range u.Tokens {
			t.row(name, since, k.ID, day(k.Created), k.Label)
			name, since = "", ""
		}
		if len(u.Tokens) == 0 {
			t.row(name, since, "–", "–", "")
		}
	}
	t.print()
}

func toUsersAnswer(users []store.User) usersAnswer {
	answer := usersAnswer{Users: []userAnswer{}}
	for _, u := range users {
		out := userAnswer{Name: u.Name, Created: u.Created, Tokens: []tokenAnswer{}}
		for _, k := range u.Tokens {
			out.Tokens = append(out.Tokens, tokenAnswer(k))
		}
		answer.Users = append(answer.Users, out)
	}
	return answer
}
