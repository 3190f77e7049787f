/// What a value in a job spec may be. One tree of shapes defines both the checks of a spec and its JSON Schema.
indirect enum Shape: Sendable {
    /// Any text.
    case text
    /// Any text but an empty one.
    case filledText
    /// Text of a certain form, described for people and as a regular expression for the schema.
    case pattern(TextPattern)
    /// One of a few words.
    case choice([String])
    /// Exactly this whole number.
    case constant(Int)
    /// True or false.
    case boolean
    /// `on` or `off`, which YAML 1.1 reads as true and false.
    case toggle
    /// A number.
    case number(NumberRange)
    /// Text, a whole number, or true or false, all taken as text.
    case scalarText
    /// Letters, digits, underscores and hyphens, or a whole number, taken as text.
    case identifier
    /// A list of values of one shape, without repeats.
    case list(Shape)
    /// One value or a list of them.
    case oneOrList(Shape)
    /// One value or a list of at least one.
    case oneOrMany(Shape)
    /// Names chosen by the user, each with a value of one shape.
    case map(key: TextPattern, value: Shape)
    /// Names chosen by the user, and patterns of names, whose values have another shape.
    case patternMap(key: TextPattern, value: Shape, patternValue: Shape)
    /// A fixed set of keys.
    case object(ObjectShape)
    /// Keys that lead to a value in a file: a text with dots between them, or a list.
    case keyPath
    /// The path of a file, or a mapping with anything in it.
    case pathOrObject
    /// The path of a file, or a list of mappings with anything in them.
    case pathOrObjects
}

/// Text of a certain form.
struct TextPattern: Sendable {
    /// The form as a regular expression of JSON Schema, anchored at both ends.
    let expression: String
    /// Why a text does not fit; nil when it does.
    let problem: @Sendable (String) -> String?
    /// What to write in place of a text that does not fit; nil when that is not known.
    var hint: @Sendable (String) -> String? = { _ in nil }
}

/// The numbers that are allowed.
struct NumberRange: Sendable {
    /// Whether only whole numbers are.
    var isWhole = false
    /// The least number.
    var minimum: Int?
    /// Whether the least number itself is left out.
    var excludesMinimum = false
    /// The greatest number.
    var maximum: Int?

    /// The numbers in words, such as `a whole number above 0`.
    var description: String {
        let words = isWhole ? "a whole number" : "a number"
        guard let minimum else { return words }
        if let maximum { return "\(words) from \(minimum) to \(maximum)" }
        return words + (excludesMinimum ? " above \(minimum)" : " of at least \(minimum)")
    }

    /// Whether `number` is allowed.
    func contains(_ number: Double) -> Bool {
        if isWhole, number != number.rounded() { return false }
        if let minimum, number < Double(minimum) || (excludesMinimum && number == Double(minimum)) {
            return false
        }
        if let maximum, number > Double(maximum) { return false }
        return number.isFinite
    }
}

/// A mapping with a fixed set of keys.
struct ObjectShape: Sendable {
    /// What the mapping is, such as `a target`.
    let what: String
    /// Whether it needs a key, whichever that is.
    var isFilled = false
    /// Its keys, in the order in which the documentation lists them.
    let fields: [Field]
    /// Whether other keys are allowed too.
    var isOpen = false
    /// What other programs call keys of an open mapping.
    var synonyms: [String: String] = [:]

    /// The field with the key `key`.
    func field(_ key: String) -> Field? { fields.firstIndex { $0.key == key }.map { fields[$0] } }
}

/// One key of a mapping.
struct Field: Sendable {
    /// The key.
    let key: String
    /// What its value may be.
    let shape: Shape
    /// What it is for, as one sentence.
    let description: String
    /// Whether the mapping needs it.
    let isRequired: Bool

    init(_ key: String, _ shape: Shape, _ description: String, isRequired: Bool = false) {
        self.key = key
        self.shape = shape
        self.description = description
        self.isRequired = isRequired
    }
}
