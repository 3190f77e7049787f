import FoundationEssentials

/// A JSON value whose equality is JSON's own: objects without order, 1 the same number as 1.0, and texts the same
/// only when all their code points are.
package indirect enum JSONValue: Equatable, Sendable, Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Reads JSON.
    ///
    /// - Parameter text: The JSON text.
    /// - Throws: `DecodingError`, which names the place.
    package init(parsing text: String) throws {
        let decoder = JSONDecoder()
        self = try decoder.decode(JSONValue.self, from: Data(text.utf8))
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let items = try? container.decode([JSONValue].self) {
            self = .array(items)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)): one == other
        // Swift's own equality takes two spellings of é for the same.
        case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }

    /// Whether two texts are the same JSON; texts that are no JSON are the same when they are equal.
    package static func areEqual(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        if left.utf8.elementsEqual(right.utf8) { return true }
        guard let one = try? JSONValue(parsing: left), let other = try? JSONValue(parsing: right) else {
            return false
        }
        return one == other
    }

    /// JSON without the blanks between its parts; the keys stay in the order in which they were written.
    ///
    /// - Parameter text: JSON that was parsed before.
    /// - Returns: The same JSON on one line; nil for what Foundation takes and JSON does not have, a comma after the
    ///   last element or a byte order mark.
    package static func compact(_ text: String) -> String? {
        if text.unicodeScalars.first == "\u{FEFF}" { return nil }
        var result: [UInt8] = []
        var (isInString, isEscaped) = (false, false)
        for byte in text.utf8 {
            if isInString {
                if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                continue
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]"), result.last == UInt8(ascii: ",")
            {
                return nil
            }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
