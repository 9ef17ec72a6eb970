package serve

import (
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// operation is one address of the API: the same list makes the routes and their
// description, so that neither has what the other lacks.
type operation struct {
	path, name, summary string
	filters             []filter // the parameters that it takes
	live                bool     // depends on more than the stories
	answer              any      // the type of the answer
	render              render
}

func (s *server) operations() []operation {
	return []operation{
		{path: "/api/v1/stories", name: "stories", summary: "Stories, newest first", filters: filters, answer: storiesOut{}, render: s.apiStories},
		{path: "/api/v1/stories/{id}", name: "story", summary: "One story with its evidence and history", answer: fullStory{}, render: s.apiStory},
		{path: "/api/v1/stories/{id}/entries/{entry}", name: "entry", summary: "One entry of a story with its text", answer: articleOut{}, render: s.apiEntry},
		{path: "/api/v1/duplicates", name: "duplicates", summary: "Stories that several outlets carry: who copied whom, and who used their own words", filters: filters, answer: duplicatesOut{}, render: s.apiDuplicates},
		{path: "/api/v1/outlets", name: "outlets", summary: "The outlets, with how often they are first, copied, and copying", filters: filters, answer: outletsOut{}, render: s.apiOutlets},
		{path: "/api/v1/matrix", name: "matrix", summary: "Which outlet copies which, in how many stories", filters: filters, answer: matrixOut{}, render: s.apiMatrix},
		{path: correctionsPath, name: "corrections", summary: "What editors corrected, oldest first", answer: correctionsOut{}, render: s.apiCorrections},
		{path: "/api/v1/feeds", name: "feeds", summary: "The feeds: health, and when and why the next poll is", live: true, answer: feedsOut{}, render: s.apiFeeds},
		{path: "/api/v1/feeds/{id}", name: "feed", summary: "One feed: what came of its polls, and what decides the next", live: true, answer: feedDetail{}, render: s.apiFeed},
		{path: "/api/v1/polls", name: "polls", summary: "Polls that are known: the last of each feed, and the latest that failed", filters: pollFilters, live: true, answer: pollsOut{}, render: s.apiPolls},
	}
}

// strict refuses parameters where none are taken; the other operations read and
// check their own.
func (o operation) strict() render {
	if o.filters != nil {
		return o.render
	}
	return func(r *http.Request) (page, error) {
		values, err := parseQuery(r)
		if err == nil {
			err = readValues(values, func(string, string) error { return errUnknownParam })
		}
		if err != nil {
			return page{}, err
		}
		return o.render(r)
	}
}

// filter is one parameter of an address.
type filter struct{ name, kind, words string }

// filters describes the parameters that readQuery reads.
var filters = []filter{
	{"copied_from", "string", "outlet id (or the name of an origin that is not followed): another outlet carries a copy of its text"},
	{"copied_by", "string", "outlet id: it carries a copy of another outlet's text (of copied_from's, when that is given)"},
	{"min_share", "integer", "per cent, 1 to 100: one of these copies has at least so much of the shorter text"},
	{"first", "string", "outlet id, or name as above: the verdict names it as first"},
	{"outlet", "string", "outlet id: one of the carriers; with commas several, each of which carries it"},
	{"lang", "string", "language tag; pt matches pt-BR too"},
	{"category", "string", "category of one of the carriers' outlets"},
	{"q", "string", "words that all stand in one headline"},
	{"min_outlets", "integer", "least number of outlets"},
	{"copies", "boolean", "only stories with copies"},
	{"since", "string", "date or RFC 3339 time: first published then or later"},
	{"until", "string", "date or RFC 3339 time: first published before"},
	{"limit", "integer", "stories on a page, 1 to 200; 50 when absent"},
	{"after", "string", "cursor that the page before gave as next"},
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

type object = map[string]any

// openAPI describes the API (OpenAPI 3.1). The schemas are read off the very
// types that are written.
func (s *server) openAPI(*http.Request) (page, error) {
	paths := object{}
	for _, o := range s.operations() {
		params := []object{}
		for _, m := range pathParam.FindAllStringSubmatch(o.path, -1) {
			kind := object{"type": "integer", "minimum": 1}
			if o.name == "feed" {
				kind = object{"type": "string"}
			}
			params = append(params, object{"name": m[1], "in": "path", "required": true, "schema": kind})
		}
		for _, f := range o.filters {
			params = append(params, object{"name": f.name, "in": "query", "description": f.words, "schema": object{"type": f.kind}})
		}
		failure := object{"description": "A problem (RFC 9457)", "content": object{"application/problem+json": object{"schema": schema(reflect.TypeFor[problem]())}}}
		paths[o.path] = object{"get": object{
			"operationId": o.name, "summary": o.summary, "parameters": params,
			"responses": object{
				"200":     object{"description": "OK", "content": object{"application/json": object{"schema": schema(reflect.TypeOf(o.answer))}}},
				"304":     object{"description": "Not modified since the answer with that ETag"},
				"default": failure,
			},
		}}
	}
	made := func(id, summary string, more object) object {
		op := object{"operationId": id, "summary": summary, "security": []object{{"token": []string{}}}, "responses": object{
			"200":     object{"description": "OK", "content": object{"application/json": object{"schema": schema(reflect.TypeFor[correctionOut]())}}},
			"default": object{"description": "A problem (RFC 9457): 401 without a token, 409 when it cannot be made", "content": object{"application/problem+json": object{"schema": schema(reflect.TypeFor[problem]())}}},
		}}
		maps.Copy(op, more)
		return op
	}
	paths[correctionsPath].(object)["post"] = made("correct", "Take entries out of a story, or merge two stories", object{
		"requestBody": object{"required": true, "content": object{"application/json": object{"schema": schema(reflect.TypeFor[correctionIn]())}}}})
	paths[correctionsPath+"/{number}"] = object{"delete": made("undo", "Take a correction back", object{"parameters": []object{
		{"name": "number", "in": "path", "required": true, "schema": object{"type": "integer", "minimum": 1}},
		{"name": "why", "in": "query", "schema": object{"type": "string"}}}})}
	first := func(id string, more object) object {
		op := object{"operationId": id, "summary": "Who had it first: the story of a link or a text, and how much of the text stands in which entry", "responses": object{
			"200":     object{"description": "OK", "content": object{"application/json": object{"schema": schema(reflect.TypeFor[firstAnswer]())}}},
			"default": object{"description": "A problem (RFC 9457)", "content": object{"application/problem+json": object{"schema": schema(reflect.TypeFor[problem]())}}},
		}}
		maps.Copy(op, more)
		return op
	}
	plain := object{"schema": object{"type": "string", "maxLength": maxGiven}}
	paths["/api/v1/first"] = object{
		"get":  first("firstOfLink", object{"parameters": []object{{"name": "url", "in": "query", "required": true, "description": "an article's link", "schema": object{"type": "string"}}}}),
		"post": first("firstOfText", object{"requestBody": object{"required": true, "content": object{"text/plain": plain, "text/html": plain}}}),
	}
	paths["/api/v1/events"] = object{"get": object{
		"operationId": "events", "summary": "Server-sent events: changed, with the generation, whenever a story changed",
		"responses": object{"200": object{"description": "A stream", "content": object{"text/event-stream": object{"schema": object{"type": "string"}}}}},
	}}
	return jsonPage(object{
		"openapi":    "3.1.0",
		"info":       object{"title": s.Title, "version": "1", "description": "Stories across outlets, and who published them first. Reading needs no token; correcting does."},
		"paths":      paths,
		"components": object{"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer", "description": "aggregator users token NAME makes one"}}},
		"webhooks": object{"event": object{"post": object{
			"operationId": "event", "summary": "Sent to configured webhooks (docs/api.md)",
			"requestBody": object{"required": true, "content": object{"application/json": object{"schema": object{
				"type": "object", "required": []string{"type", "timestamp", "data"}, "properties": object{
					"type":      object{"type": "string", "enum": []string{"story.outlets", "story.copy", "story.verdict"}},
					"timestamp": object{"type": "string", "format": "date-time"},
					"data":      object{"type": "object"},
				}}}}},
			"responses": object{"2XX": object{"description": "Taken; anything else is tried again"}},
		}}},
	}, time.Time{})
}

// schema describes a type as encoding/json writes it.
func schema(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[*time.Time]():
		return object{"type": []string{"string", "null"}, "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		inner := schema(t.Elem())
		inner["type"] = []string{inner["type"].(string), "null"}
		return inner
	}
	switch t.Kind() {
	case reflect.Slice:
		return object{"type": "array", "items": schema(t.Elem())}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Struct:
		properties, required := object{}, []string{}
		addFields(t, properties, &required)
		return object{"type": "object", "properties": properties, "required": required}
	}
	return object{"type": "integer"}
}

func addFields(t reflect.Type, properties object, required *[]string) {
	for f := range t.Fields() {
		if f.Anonymous {
			addFields(f.Type, properties, required)
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || name == "" {
			continue
		}
		properties[name] = schema(f.Type)
		if option != "omitempty" {
			*required = append(*required, name)
		}
	}
}
