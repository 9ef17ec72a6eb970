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

var roles = map[atom.Atom]role{
	atom.A: anchor, atom.Img: image, atom.Br: breaks, atom.Hr: breaks,

	atom.P: block, atom.Div: block, atom.Section: block, atom.Article: block, atom.Aside: block,
	atom.Header: block, atom.Footer: block, atom.Main: block, atom.Nav: block, atom.Address: block,
	atom.H1: block, atom.H2: block, atom.H3: block, atom.H4: block, atom.H5: block, atom.H6: block,
	atom.Ul: block, atom.Ol: block, atom.Li: block, atom.Dl: block, atom.Dt: block, atom.Dd: block,
	atom.Pre: block, atom.Blockquote: block, atom.Figure: block, atom.Figcaption: block,
	atom.Table: block, atom.Tr: block, atom.Td: block, atom.Th: block, atom.Caption: block,
	atom.Details: block, atom.Summary: block, atom.Form: block, atom.Fieldset: block, atom.Center: block,
	atom.Body: block, atom.Html: block,

	atom.Script: hidden, atom.Style: hidden, atom.Head: hidden, atom.Template: hidden,
	atom.Iframe: hidden, atom.Object: hidden, atom.Select: hidden, atom.Textarea: hidden, atom.Button: hidden,
	atom.Svg: hidden, atom.Math: hidden, atom.Title: hidden, atom.Noembed: hidden, atom.Noframes: hidden,
	atom.Audio: hidden, atom.Video: hidden, atom.Canvas: hidden,
}

// kinds are the block elements that give a block its kind.
var kinds = map[atom.Atom]string{
	atom.H1: "h", atom.H2: "h", atom.H3: "h", atom.H4: "h", atom.H5: "h", atom.H6: "h",
	atom.Li: "li", atom.Pre: "pre", atom.Figcaption: "figcaption", atom.Blockquote: "blockquote",
	atom.Td: "td", atom.Th: "td", atom.Dt: "dt", atom.Dd: "dd",
}
