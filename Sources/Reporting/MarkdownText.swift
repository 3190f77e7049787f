import Support

/// Text made fit for GitHub's Markdown.
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

    /// A link, also in a table's cell; what is no plain address of the web is not linked to.
    ///
    /// - Parameters:
    ///   - text: What is shown: Markdown already.
    ///   - address: Where it leads.
    /// - Returns: The link, or the text alone.
    static func link(_ text: String, to address: String) -> String {
        let isPlain =
            (address.hasPrefix("https://") || address.hasPrefix("http://"))
            && address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#"<>|\`""#.utf8.contains($0) }
        return isPlain ? "[\(text)](<\(address)>)" : text
    }

    /// The text as prose within a line, also in a table's cell; nothing in it is markup.
    static func prose(_ text: String) -> String {
        var result = ""
        for scalar in text.escapedForTerminal.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            // A table's cell would end at a bar, whatever is before it.
            case "|": result += "&#124;"
            case "\\", "`", "*", "_", "[", "]", "~", "#", "$", "!": result += "\\\(scalar)"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text within HTML, where no Markdown is read either.
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

    /// A line of backquotes that nothing in these lines ends.
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
