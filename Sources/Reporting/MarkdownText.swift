import Support

/// Text escaped for GitHub's Markdown.
enum MarkdownText {
    /// The text as code within a line, also in a table's cell.
    static func code(_ text: String) -> String {
        let text = text.escapedForTerminal
        let isPlain =
            !text.isEmpty && text.first != " " && text.last != " "
            && !text.utf8.contains {
                $0 == UInt8(ascii: "`") || $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: "\\")
            }
        return isPlain ? "`\(text)`" : "<code>\(entities(text))</code>"
    }

    /// Markdown as a link, also in a table's cell; the Markdown alone unless the address is a plain one of the web.
    static func link(_ text: String, to address: String) -> String {
        let isPlain =
            (address.hasPrefix("https://") || address.hasPrefix("http://"))
            && address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#"<>|\`""#.utf8.contains($0) }
        return isPlain ? "[\(text)](<\(address)>)" : text
    }

    /// The text as prose within a line, also in a table's cell, without markup.
    static func prose(_ text: String) -> String {
        var result = ""
        for scalar in text.escapedForTerminal.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            // A bar would end a table's cell, even after a backslash.
            case "|": result += "&#124;"
            // In a comment, a name after it would be told of it: a registry's message must not call anybody.
            case "@": result += "@&#8203;"
            case "\\", "`", "*", "_", "[", "]", "~", "#", "$", "!": result += "\\\(scalar)"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text within HTML, without anything that is Markdown.
    static func entities(_ text: String) -> String {
        var result = ""
        for scalar in text.escapedForTerminal.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", " ", "-", ".", "/": result.unicodeScalars.append(scalar)
            case "\0"..."\u{7E}": result += "&#\(scalar.value);"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A fence of backquotes that is longer than any in these lines.
    static func fence(for lines: some Sequence<String>) -> String {
        var longest = 2
        for line in lines {
            var run = 0
            for byte in line.utf8 {
                run = byte == UInt8(ascii: "`") ? run + 1 : 0
                longest = max(longest, run)
            }
        }
        return String(repeating: "`", count: longest + 1)
    }
}
