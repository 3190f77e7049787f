import Support

/// A part of an HTML page. Its markup is this program's own; all other text in it is escaped.
package struct HTML: Sendable {
    /// The markup.
    package let source: String

    private init(source: String) { self.source = source }

    /// A text within a line, with visible control characters.
    ///
    /// - Parameter text: Any text.
    package init(_ text: String) { source = Self.escaped(text.escapedForTerminal) }

    /// A text of several lines, with visible control characters; it keeps its line breaks and tabs.
    ///
    /// - Parameter text: Any text.
    package init(lines text: String) { source = Self.escaped(text.escapedLinesForTerminal) }

    /// Parts, one after the other.
    ///
    /// - Parameter parts: The parts.
    package init(_ parts: [HTML]) { source = parts.map(\.source).joined() }

    /// An element.
    ///
    /// - Parameters:
    ///   - name: Its name; only what stands in the source code can be one.
    ///   - attributes: Its attributes. Values may be any text.
    ///   - content: What is in it.
    /// - Returns: The element with its end tag.
    package static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>, _ content: [HTML]
    ) -> HTML {
        let inner = content.map(\.source).joined()
        return HTML(source: "\(startTag(name, attributes))\(inner)</\(name)>")
    }

    /// An element without attributes.
    package static func element(_ name: StaticString, _ content: [HTML]) -> HTML {
        element(name, [:], content)
    }

    /// An element with attributes and parts.
    package static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>, _ content: HTML...
    ) -> HTML { element(name, attributes, content) }

    /// An element without attributes, of parts.
    package static func element(_ name: StaticString, _ content: HTML...) -> HTML {
        element(name, [:], content)
    }

    /// An element of HTML that has no content and no end tag, such as `meta`.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - attributes: Its attributes.
    /// - Returns: The element.
    package static func void(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    ) -> HTML { HTML(source: startTag(name, attributes)) }

    /// Text as code within a line.
    ///
    /// - Parameter text: Any text.
    /// - Returns: The element. Text that runs from right to left leaves what follows it in place.
    package static func code(_ text: String) -> HTML {
        element("bdi", element("code", HTML(text)))
    }

    /// A link that opens only when somebody follows it.
    ///
    /// - Parameters:
    ///   - content: What is shown.
    ///   - address: Where it leads.
    /// - Returns: The link; the content alone unless the address is one of the web.
    package static func link(_ content: HTML, to address: String) -> HTML {
        let isOfTheWeb = address.hasPrefix("https://") || address.hasPrefix("http://")
        let isPlain = isOfTheWeb && address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isPlain ? element("a", ["href": address, "rel": "noreferrer"], content) : content
    }

    /// Numbers that are to be seen first.
    ///
    /// - Parameter counts: Each number and what is counted.
    /// - Returns: A list.
    package static func counts(_ counts: [(number: String, noun: String)]) -> HTML {
        element(
            "ul", ["class": "counts"],
            counts.map { element("li", element("strong", HTML($0.number)), HTML(" " + $0.noun)) })
    }

    /// A table whose first column names its rows.
    ///
    /// - Parameters:
    ///   - caption: What the table shows.
    ///   - columns: The headings of the columns.
    ///   - rows: The cells, as many in each row as there are columns.
    /// - Returns: The table, which scrolls on its own where it is too wide.
    package static func table(caption: String, columns: [String], rows: [[HTML]]) -> HTML {
        let head = element("tr", columns.map { element("th", ["scope": "col"], HTML($0)) })
        let body = rows.map { cells in
            element(
                "tr",
                cells.enumerated().map { column, cell in
                    column == 0 ? element("th", ["scope": "row"], cell) : element("td", cell)
                })
        }
        let table = element(
            "table", element("caption", HTML(caption)), element("thead", head), element("tbody", body))
        // Who has no mouse scrolls what has the focus.
        return element(
            "div", ["class": "wide", "role": "region", "aria-label": caption, "tabindex": "0"], table)
    }

    // MARK: Escaping

    private static func startTag(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    ) -> String {
        let texts = attributes.map { key, value in " \(key)=\"\(escaped(value.escapedForTerminal))\"" }
        return "<\(name)\(texts.joined())>"
    }

    /// The text with everything escaped that is markup in an element or in a quoted attribute.
    private static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): result += "&amp;".utf8
            case UInt8(ascii: "<"): result += "&lt;".utf8
            case UInt8(ascii: ">"): result += "&gt;".utf8
            case UInt8(ascii: "\""): result += "&quot;".utf8
            case UInt8(ascii: "'"): result += "&#39;".utf8
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
