import FoundationEssentials

/// Quotes a server's words: short, on one line, and without any credential.
enum TextExcerpt {
    /// A quotation without header values that are secret, with or without their scheme, such as `Bearer`.
    ///
    /// A text that is cut is the beginning of a longer one, and may end within a secret.
    static func of(_ text: String, hiding secrets: [Secret], isCut: Bool = false, limit: Int = 300) -> String
    {
        var shown = text
        for secret in secrets {
            let parts = spellings(of: secret.reveal()).filter { $0.utf8.count >= least }
            for part in parts { shown = shown.replacing(part, by: hidden) }
            for part in parts where isCut { shown = shown.withoutBeginning(of: part) }
        }
        let escaped = escape(shown)
        guard escaped.count > limit else { return escaped }
        return escaped.prefix(limit) + "…"
    }

    fileprivate static let hidden = "•••"
    /// How many bytes a secret has at least: shorter ones would hide ordinary words.
    fileprivate static let least = 4

    /// How a server may spell a header's value when it repeats it, the longest first.
    private static func spellings(of value: String) -> [String] {
        var parts = [value] + value.split(separator: " ").dropFirst().map(String.init)
        if value.hasPrefix("Basic "), let data = Data(base64Encoded: String(value.dropFirst(6))) {
            let pair = String(decoding: data, as: UTF8.self)
            parts += [pair, String(pair.drop { $0 != ":" }.dropFirst())]
        }
        let escaped = parts.flatMap { part in
            let quoted = part.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            let encoded = HTTPURL.encode(part)
            return [
                part, quoted, quoted.replacing("/", by: "\\/"), encoded, encoded.replacing("%2F", by: "/"),
                escapedForHTML(part, "&quot;", "&#x27;"), escapedForHTML(part, "&#34;", "&#39;"),
            ]
        }
        return Set(escaped).sorted { $0.utf8.count > $1.utf8.count }
    }

    /// A text as HTML, with one of the ways to escape quotation marks.
    private static func escapedForHTML(_ text: String, _ double: String, _ single: String) -> String {
        let marked = text.replacing("&", by: "&amp;").replacing("<", by: "&lt;").replacing(">", by: "&gt;")
        return marked.replacing("\"", by: double).replacing("'", by: single)
    }

    /// A text on one line, with escapes for whatever could steer or fool a terminal.
    static func escape(_ text: String) -> String {
        var escaped = ""
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            if scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" {
                pendingSpace = !escaped.isEmpty
                continue
            }
            if pendingSpace { escaped += " " }
            pendingSpace = false
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
                escaped += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension String {
    /// The text with every occurrence of `part` replaced, in any case.
    fileprivate func replacing(_ part: String, by replacement: String) -> String {
        let wanted = Array(part.utf8)
        let bytes = Array(utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: wanted, by: UInt8.isSameLetter) {
                result += replacement.utf8
                index += wanted.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The text without the beginning of `part` at its end, where a longer text was cut.
    fileprivate func withoutBeginning(of part: String) -> String {
        let (wanted, bytes) = (Array(part.utf8), Array(utf8))
        let lengths = TextExcerpt.least..<max(TextExcerpt.least, min(wanted.count, bytes.count + 1))
        for length in lengths.reversed()
        where bytes.suffix(length).elementsEqual(wanted.prefix(length), by: UInt8.isSameLetter) {
            return String(decoding: bytes.dropLast(length), as: UTF8.self) + TextExcerpt.hidden
        }
        return self
    }
}

extension UInt8 {
    /// Whether two bytes are the same, or the same ASCII letter in another case.
    fileprivate static func isSameLetter(_ one: UInt8, _ other: UInt8) -> Bool {
        one == other || (one ^ other == 0x20 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= one | 0x20)
    }
}
