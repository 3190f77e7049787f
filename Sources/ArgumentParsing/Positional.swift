/// A positional argument.
package struct Positional: Hashable, Sendable {
    /// How many words of the command line it takes.
    package enum Arity: Hashable, Sendable {
        /// Exactly one.
        case one
        /// One or none.
        case optional
        /// One or more.
        case oneOrMore
        /// Any number.
        case zeroOrMore
    }

    /// Its name in help, and what it may be.
    package var value: ArgumentValue
    /// How many words it takes; only the last argument of a command may take a number other than one.
    package var arity: Arity
    /// What it is, in one line.
    package var help: String

    /// An argument.
    ///
    /// - Parameters:
    ///   - value: Its name in help, and what it may be.
    ///   - arity: How many words it takes.
    ///   - help: What it is, in one line.
    package init(_ value: ArgumentValue, arity: Arity = .one, help: String) {
        self.value = value
        self.arity = arity
        self.help = help
    }

    /// Whether the command requires it.
    var isRequired: Bool { arity == .one || arity == .oneOrMore }

    /// Whether it takes any number of words.
    var isVariadic: Bool { arity == .oneOrMore || arity == .zeroOrMore }

    /// What help appends to the text.
    var annotations: [String] {
        value.choices.map { ["possible values: " + $0.joined(separator: ", ")] } ?? []
    }
}
