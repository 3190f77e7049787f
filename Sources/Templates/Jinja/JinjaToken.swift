/// A token of a Jinja2 template.
struct JinjaToken {
    /// What a token is. Comments and white space within tags are none.
    enum Kind {
        case text, variableBegin, variableEnd, blockBegin, blockEnd
        case name, string, integer, float
        case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
        /// `+` and `-`, which can stand before an operand.
        case plus, minus
        /// `*` and `**`, which can stand before an argument.
        case star, power
        /// The other operators between two operands: arithmetic, `~` and comparisons.
        case infix
        case assign, dot, colon, pipe, comma, semicolon
        /// The end of the template.
        case end
        /// The place where the lexer gave up.
        case failure
    }

    var kind: Kind
    var range: Range<Int>
}

/// Why a template is no Jinja2 that MLflow could render.
struct JinjaError: Error {
    var message: String
    var range: Range<Int>
    var help: String?
}
