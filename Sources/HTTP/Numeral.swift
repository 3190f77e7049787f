/// A number in the JSON of protobuf messages, which may be a string there.
///
/// It is kept as text of any length, so that its user has to check its range.
package struct Numeral: Codable, Hashable, Sendable {
    /// The number as it was written, such as `12`.
    package var text: String

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            text = "\(number)"
        } else if let number = try? container.decode(Double.self) {
            text = "\(number)"
        } else {
            text = try container.decode(String.self)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
