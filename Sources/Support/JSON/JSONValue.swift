/// A JSON value that keeps its numbers' digits and its objects' order.
///
/// Equality is JSON's own: objects without order, numbers by their exact value, strings by code points.
package enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number as it is written: JSON's notation, or YAML's `.inf`, `-.inf` and `.nan`, which JSON lacks.
    case number(String)
    /// A string.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// An object: members in their order, with unique keys.
    case object([Member])

    /// A key of an object with its value.
    package struct Member: Hashable, Sendable {
        /// The key.
        package var key: String
        /// The value.
        package var value: JSONValue

        /// A key with its value.
        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// A whole number; nil is `null`.
    package init(_ number: Int?) { self = number.map { .number(String($0)) } ?? .null }

    /// A string; nil is `null`.
    package init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }

    /// `true` or `false`.
    package init(_ flag: Bool) { self = .bool(flag) }

    /// A list of strings.
    package init(_ texts: [String]) { self = .array(texts.map(JSONValue.string)) }

    /// JSON that a registry stores as text; invalid JSON becomes a string, and nil `null`.
    package init(stored text: String?) {
        self = text.map { (try? JSONValue(parsing: $0)) ?? .string($0) } ?? .null
    }

    /// All strings in it, in their order; keys are none.
    package var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let items): items.flatMap(\.texts)
        case .object(let members): members.flatMap(\.value.texts)
        case .null, .bool, .number: []
        }
    }

    /// The value of a member, if this is an object that has the key.
    ///
    /// Setting a value replaces the member's or appends a member, and setting nil removes it. Setting a value on
    /// `null` makes an object; on any other value that is no object it does nothing.
    package subscript(key: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.key.isIdentical(to: key) }?.value
        }
        set {
            var members: [Member]
            switch self {
            case .object(let existing): members = existing
            case .null where newValue != nil: members = []
            default: return
            }
            // The array must have one owner, or every write would copy it.
            self = .null
            switch (members.firstIndex { $0.key.isIdentical(to: key) }, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
            self = .object(members)
        }
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    /// An object with its members in the order of the literal.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }
}

extension JSONValue {
    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: break
        case .bool(let value): hasher.combine(value)
        case .number(let text): hasher.combine(Double(text))
        case .string(let text): hasher.combine(text)
        case .array(let items): hasher.combine(items)
        // The order of members is no difference.
        case .object(let members): hasher.combine(members.reduce(0) { $0 ^ $1.hashValue })
        }
    }

    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)):
            one == other || DecimalNumber(one).map { $0 == DecimalNumber(other) } ?? false
        case (.string(let one), .string(let other)): one.isIdentical(to: other)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)):
            one.count == other.count
                && zip(sorted(one), sorted(other)).allSatisfy {
                    $0.key.isIdentical(to: $1.key) && $0.value == $1.value
                }
        default: false
        }
    }

    /// Members sorted by the bytes of their keys, as Swift's own order equates two spellings of é.
    static func sorted(_ members: [Member]) -> [Member] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// Whether two texts hold equal JSON; invalid JSON is equal only to the same text.
    package static func areEqual(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        if left.isIdentical(to: right) { return true }
        guard let one = try? JSONValue(parsing: left), let other = try? JSONValue(parsing: right) else {
            return false
        }
        return one == other
    }
}
