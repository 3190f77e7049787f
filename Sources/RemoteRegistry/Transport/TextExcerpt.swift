import FoundationEssentials

/// Quotes what a server said: short, on one line, and without any credential.
enum TextExcerpt {
    /// A quotation.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - secrets: Header values that must not show; what follows a scheme such as `Bearer` counts by itself.
    ///   - limit: How many characters are quoted at most.
    /// - Returns: The quotation.
    static func of(_ text: String, hiding secrets: [Secret], limit: Int = 300) -> String {
        var shown = text
        for secret in secrets {
            for part in spellings(of: secret.reveal()) where part.utf8.count >= 4 {
                shown = shown.replacing(part, by: "•••")
            }
        }
        let escaped = escape(shown)
        guard escaped.count > limit else { return escaped }
        return escaped.prefix(limit) + "…"
    }

    /// What a server may make of a header's value when it repeats it, the longest first.
    private static func spellings(of value: String) -> [String] {
        var parts = [value] + value.split(separator: " ").dropFirst().map(String.init)
        if value.hasPrefix("Basic "), let data = Data(base64Encoded: String(value.dropFirst(6))) {
            let pair = String(decoding: data, as: UTF8.self)
            parts += [pair, String(pair.drop { $0 != ":" }.dropFirst())]
        }
        let escaped = parts.flatMap { part in
            let quoted = part.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            return [part, quoted, quoted.replacing("/", by: "\\/"), HTTPURL.encode(part)]
        }
        return Set(escaped).sorted { $0.utf8.count > $1.utf8.count }
    }

    /// A text on one line, its control characters and whatever else could fool a terminal shown as escapes.
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
    /// The text with every occurrence of `part` replaced.
    fileprivate func replacing(_ part: String, by replacement: String) -> String {
        let wanted = Array(part.utf8)
        let bytes = Array(utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == wanted[0], bytes[index...].starts(with: wanted) {
                result += replacement.utf8
                index += wanted.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
