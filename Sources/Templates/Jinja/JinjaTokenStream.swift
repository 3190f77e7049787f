/// The tokens of a Jinja2 template, read one after another.
struct JinjaTokenStream {
    let source: Source
    private let tokens: [JinjaToken]
    private let failure: JinjaError?
    private var index = 0

    init(_ source: Source, _ lexer: JinjaLexer) {
        self.source = source
        tokens = lexer.tokens
        failure = lexer.failure
    }

    /// The token to be read.
    var current: JinjaToken { tokens[min(index, tokens.count - 1)] }

    /// The token after the current one.
    var next: JinjaToken { tokens[min(index + 1, tokens.count - 1)] }

    /// Passes over tokens.
    mutating func advance(by count: Int = 1) { index += count }

    /// Whether the current token is a word.
    func isAt(_ word: StaticString) -> Bool { isWord(word, current) }

    /// Whether the next token is a word.
    func isNext(_ word: StaticString) -> Bool { isWord(word, next) }

    /// Passes over a word, if it is there.
    mutating func skip(_ word: StaticString) -> Bool {
        guard isAt(word) else { return false }
        advance()
        return true
    }

    /// Passes over a token of a kind, if it is there.
    mutating func skip(_ kind: JinjaToken.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    /// Passes over a token that has to be there.
    mutating func expect(_ kind: JinjaToken.Kind, _ description: String) throws(JinjaError) {
        guard skip(kind) else { throw unexpected(expected: description) }
    }

    /// Passes over a word that has to be there.
    mutating func expect(_ word: StaticString) throws(JinjaError) {
        guard skip(word) else { throw unexpected(expected: "'\(word)'") }
    }

    /// Passes over a name that has to be there.
    mutating func expectName() throws(JinjaError) -> JinjaName {
        let token = current
        guard skip(.name) else { throw unexpected(expected: "a name") }
        return JinjaName(name: source.text(token.range), offset: token.range.lowerBound)
    }

    /// What is wrong with the current token.
    func unexpected(expected: String) -> JinjaError {
        let token = current
        switch token.kind {
        case .failure:
            return failure ?? JinjaError(message: "expected \(expected)", range: token.range)
        case .end:
            return JinjaError(message: "the template ends where \(expected) is expected", range: token.range)
        default:
            let found = source.excerpt(token.range)
            return JinjaError(message: "expected \(expected), found '\(found)'", range: token.range)
        }
    }

    /// The text tokens that were read from a position on, when there are no others.
    func textTokens(from position: Int) -> [JinjaToken]? {
        // The last two are the `{%` and the word of the closing tag.
        let read = tokens[position..<max(position, index - 2)]
        return read.allSatisfy { $0.kind == .text } ? Array(read) : nil
    }

    /// Where reading stands.
    var position: Int { index }

    private func isWord(_ word: StaticString, _ token: JinjaToken) -> Bool {
        token.kind == .name && token.range.count == word.utf8CodeUnitCount
            && source.has(word, at: token.range.lowerBound)
    }
}
