/// An element of an XML 1.0 document.
struct XMLElement {
    /// Its name.
    let name: String
    /// Its attributes, in order.
    let attributes: [(name: String, value: String)]
    /// The elements in it.
    var children: [XMLElement] = []
    /// The text in it, if it has no elements.
    var text = ""

    /// How a document begins.
    static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

    /// The document with this element as its root, ended by a newline.
    var document: String {
        var output = Self.declaration
        write(to: &output, indent: "")
        return output
    }

    private func write(to output: inout String, indent: String) {
        output += indent + "<" + name
        for (name, value) in attributes {
            output += " \(name)=\"\(Self.escaped(value, keepsLines: false))\""
        }
        if !children.isEmpty {
            output += ">\n"
            for child in children { child.write(to: &output, indent: indent + "  ") }
            output += "\(indent)</\(name)>\n"
        } else if !text.isEmpty {
            output += ">\(Self.escaped(text, keepsLines: true))</\(name)>\n"
        } else {
            output += "/>\n"
        }
    }

    /// The text with markup escaped, and characters that XML cannot hold as U+FFFD.
    ///
    /// Line breaks in attributes become references, since a parser would make blanks of them; so do characters that
    /// would control a terminal.
    private static func escaped(_ text: String, keepsLines: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n" where keepsLines, "\t" where keepsLines: result.unicodeScalars.append(scalar)
            case "\n", "\t", "\r", "\u{7F}"..."\u{9F}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                result += "&#\(scalar.value);"
            case "\0"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
