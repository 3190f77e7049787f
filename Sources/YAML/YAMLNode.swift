package import Diagnostics
package import Support

/// A value of a document that a user wrote, with its place.
package struct YAMLNode: Equatable, Sendable {
    /// What a node holds, by YAML 1.2's core schema.
    package enum Value: Equatable, Sendable {
        /// Nothing: `null`, `~` or no text at all.
        case null
        /// `true` or `false`.
        case bool(Bool)
        /// A number, as it is written.
        case number(String)
        /// Text.
        case string(String)
        /// A list.
        case sequence([YAMLNode])
        /// Keys and values in the order of the document; no key occurs twice.
        case mapping([YAMLEntry])
    }

    /// What the node holds.
    package var value: Value
    /// Where its first character is (that of its tag or anchor, if it has one).
    ///
    /// A node that was reached through an alias has the place of the anchor's node.
    package var location: SourceLocation
    /// How many scalars of its first line a scalar takes, quotes included, at least 1; 1 for collections.
    package var length: Int

    /// A node.
    ///
    /// - Parameters:
    ///   - value: What it holds.
    ///   - location: Where its first character is.
    ///   - length: How many scalars of that line it takes.
    package init(value: Value, location: SourceLocation, length: Int = 1) {
        self.value = value
        self.location = location
        self.length = length
    }

    /// The value at the key `key`; nil when there is none, or when this is no mapping.
    package subscript(_ key: String) -> YAMLNode? {
        guard case .mapping(let entries) = value else { return nil }
        // By index, as a whole entry takes long to copy.
        return entries.firstIndex { $0.key == key }.map { entries[$0].value }
    }

    /// What the node is, for a message such as "must be text, not a number".
    package var kindName: String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The value without locations, with numbers in JSON's notation.
    package var plain: JSONValue {
        switch value {
        case .null: .null
        case .bool(let bool): .bool(bool)
        case .number(let text): .number(CoreSchema.json(text))
        case .string(let string): .string(string)
        case .sequence(let nodes): .array(nodes.map(\.plain))
        case .mapping(let entries): .object(entries.map { .init($0.key, $0.value.plain) })
        }
    }
}

extension YAMLNode.Value {
    /// A scalar of a JSON text.
    init(_ scalar: JSONValue) {
        switch scalar {
        case .bool(let flag): self = .bool(flag)
        case .number(let text): self = .number(text)
        case .string(let text): self = .string(text)
        default: self = .null
        }
    }
}

/// A key of a mapping with its value.
package struct YAMLEntry: Equatable, Sendable {
    /// The key's text; keys that are numbers or `true` are taken by their text.
    package var key: String
    /// Where the key is.
    package var keyLocation: SourceLocation
    /// How many scalars of its first line the key takes, quotes included; at least 1.
    package var keyLength: Int
    /// The value.
    package var value: YAMLNode

    /// An entry.
    ///
    /// - Parameters:
    ///   - key: The key's text.
    ///   - keyLocation: Where the key is.
    ///   - keyLength: How many scalars of that line it takes.
    ///   - value: The value.
    package init(key: String, keyLocation: SourceLocation, keyLength: Int, value: YAMLNode) {
        self.key = key
        self.keyLocation = keyLocation
        self.keyLength = keyLength
        self.value = value
    }
}
