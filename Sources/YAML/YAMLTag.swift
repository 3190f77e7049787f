/// The tags of YAML's core schema, and what they make of a value.
enum YAMLTag: String {
    case str, int, float, bool, null, seq, map

    private static let prefix = "tag:yaml.org,2002:"

    /// The tag with a name as libyaml resolved it; nil when it is not one of the core schema.
    init?(resolved name: String) {
        guard name.hasPrefix(Self.prefix) else { return nil }
        self.init(rawValue: String(name.dropFirst(Self.prefix.count)))
    }

    /// A resolved tag as the user wrote it.
    static func written(_ name: String) -> String {
        name.hasPrefix(prefix) ? "!!" + name.dropFirst(prefix.count) : name
    }

    /// The value of a scalar with this tag; nil when the tag does not fit it.
    func value(of text: String) -> YAMLNode.Value? {
        switch self {
        case .str: .string(text)
        case .int: CoreSchema.isInteger(text) ? .number(text) : nil
        case .float where CoreSchema.isInteger(text): .number(CoreSchema.json(text) + ".0")
        case .float: CoreSchema.isFloat(text) ? .number(text) : nil
        case .bool: CoreSchema.bool(text).map { .bool($0) }
        case .null: CoreSchema.isNull(text) ? .null : nil
        case .seq, .map: nil
        }
    }

    /// What the tag asks for, for a message.
    var kindName: String {
        switch self {
        case .str: "text"
        case .int: "a whole number"
        case .float: "a number"
        case .bool: "true or false"
        case .null: "null"
        case .seq: "a list"
        case .map: "a mapping"
        }
    }
}
