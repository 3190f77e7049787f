/// A token of a Jinja2 template. Text and white space are none, and a comment is its opening alone.
struct JinjaToken {
    enum Kind {
        case name, string, number
        /// An operator, a bracket, a punctuation mark, or what opens or closes a tag.
        case symbol
        /// The end of the template, or the place where the lexer gave up.
        case end
    }

    var kind: Kind
    var range: Range<Int>
}

/// Why Jinja2 refuses a template.
struct JinjaError: Error {
    var message: String
    var range: Range<Int>
    var help: String?
}
