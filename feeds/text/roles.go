package text

import "golang.org/x/net/html/atom"

// role is what an element does to the text around it.
type role uint8

const (
	inline role = iota
	block       // starts and ends a block
	breaks      // ends a block, has no content
	anchor
	image
	hidden // its content is no text of the article
)

// roleOf gives the role of an element.
func roleOf(tag atom.Atom) role {
	switch tag {
	case atom.A:
		return anchor
	case atom.Img:
		return image
	case atom.Br, atom.Hr:
		return breaks
	case atom.P, atom.Div, atom.Section, atom.Article, atom.Aside, atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Address,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd,
		atom.Pre, atom.Blockquote, atom.Figure, atom.Figcaption, atom.Table, atom.Tr, atom.Td, atom.Th, atom.Caption,
		atom.Details, atom.Summary, atom.Form, atom.Fieldset, atom.Center, atom.Body, atom.Html:
		return block
	case atom.Script, atom.Style, atom.Head, atom.Template, atom.Iframe, atom.Object, atom.Select, atom.Textarea, atom.Button,
		atom.Svg, atom.Math, atom.Title, atom.Noembed, atom.Noframes, atom.Audio, atom.Video, atom.Canvas:
		return hidden
	}
	return inline
}

// rawText reports elements in which nothing is markup but their own end tag
// (HTML, section 13.1.2).
func rawText(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Iframe, atom.Textarea, atom.Title, atom.Noembed, atom.Noframes, atom.Xmp:
		return true
	}
	return false
}

// kindOf gives the kind that an element gives to its blocks, if any.
func kindOf(tag atom.Atom) string {
	switch tag {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return "h"
	case atom.Li:
		return "li"
	case atom.Pre:
		return "pre"
	case atom.Figcaption:
		return "figcaption"
	case atom.Blockquote:
		return "blockquote"
	case atom.Td, atom.Th:
		return "td"
	case atom.Dt:
		return "dt"
	case atom.Dd:
		return "dd"
	}
	return ""
}

// lookup finds an element by its name, whatever its case; 0 when HTML has none.
func lookup(name string) atom.Atom {
	var buf [16]byte
	if len(name) > len(buf) {
		return 0
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		buf[i] = c
	}
	return atom.Lookup(buf[:len(name)])
}
