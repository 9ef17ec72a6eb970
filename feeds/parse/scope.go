package parse

import "strings"

// scope takes what the attributes of an element say of its whole content:
// namespaces, base and language. outer is set outside of channels, where the
// default namespace is the feed's own whatever its name.
func (x *scanner) scope(attrs []attr, f *frame, outer bool) {
	for _, a := range attrs {
		if len(a.name) < 5 || a.name[0]|0x20 != 'x' {
			continue
		}
		switch prefix, local := cutPrefix(a.name); {
		case prefix == "xmlns" || a.name == "xmlns":
			if prefix == "" {
				local = ""
			}
			usual, ok := spaceOf(a.value)
			switch {
			case local == "" && outer:
				usual = ""
			case !ok:
				if usual, ok = conventional[strings.ToLower(local)]; !ok {
					usual = unknownSpace
				}
				if local == "" {
					usual = ""
				}
			}
			if len(x.bindings) >= maxBindings {
				x.damage("too many namespaces")
				continue
			}
			x.bindings = append(x.bindings, binding{local, usual})
		case prefix == "xml" && strings.EqualFold(local, "base"):
			if x.based++; x.based > maxBases || len(a.value) > maxBase {
				continue
			}
			if b := resolve(f.base, x.decodeAttr(a.value)); b != "" && len(b) <= maxBase {
				f.base = b
			}
		case prefix == "xml" && strings.EqualFold(local, "lang"):
			f.lang = languageTag(x.decodeAttr(a.value))
		}
	}
}

// usual gives the usual prefix of an element and its name in lower case.
func (x *scanner) usual(name string) (prefix, local string) {
	p, local := cutPrefix(name)
	local = lower(local)
	for i := len(x.bindings) - 1; i >= 0; i-- {
		if x.bindings[i].prefix == p {
			prefix = x.bindings[i].usual
			p = ""
			break
		}
	}
	if p != "" { // not declared
		usual, ok := conventional[strings.ToLower(p)]
		if !ok {
			usual = unknownSpace
		}
		prefix = usual
	}
	if prefix == "atom" && x.format == inAtom {
		prefix = ""
	}
	if prefix == "atom" && x.format == noFormat && (local == "feed" || local == "entry") {
		prefix = ""
	}
	return prefix, local
}

// lower is strings.ToLower without an allocation for what is in lower case.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' || c >= 0x80 {
			return strings.ToLower(s)
		}
	}
	return s
}

// cutPrefix cuts a name at its first colon.
func cutPrefix(name string) (prefix, local string) {
	if i := strings.IndexByte(name, ':'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}

// versionOf tells the version of a feed from its root.
func (x *scanner) versionOf(t tag) string {
	for _, a := range t.attrs {
		if lower(a.name) == "version" {
			if v := x.decodeAttr(a.value); len(v) <= 12 {
				return v
			}
		}
	}
	all := ""
	for _, a := range t.attrs {
		if strings.HasPrefix(lower(a.name), "xmlns") {
			all += lower(a.value) + " "
		}
	}
	switch {
	case x.format == inRDF && strings.Contains(all, "purl.org/rss/1.0/ "):
		return "1.0"
	case x.format == inRDF && strings.Contains(all, "0.9"):
		return "0.9"
	case x.format == inAtom && strings.Contains(all, "2005/atom"):
		return "1.0"
	case x.format == inAtom && strings.Contains(all, "purl.org/atom/ns"):
		return "0.3"
	}
	return ""
}
