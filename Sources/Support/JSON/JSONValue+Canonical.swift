extension JSONValue {
    /// The same text for every spelling of an equal value: on one line, members sorted by the bytes of their keys, and
    /// numbers by their exact value.
    package var canonical: String { canonicalForm.serialized }

    private var canonicalForm: JSONValue {
        switch self {
        case .number(let text): DecimalNumber(text).map { .number($0.canonical) } ?? self
        case .array(let items): .array(items.map(\.canonicalForm))
        case .object(let members):
            .object(Self.sorted(members).map { Member($0.key, $0.value.canonicalForm) })
        case .null, .bool, .string: self
        }
    }
}
