extension String {
    /// The text with whatever has the shape of an access token hidden.
    ///
    /// People put a token where a host, a profile or a path belongs, and messages quote those.
    package var hidingTokens: String {
        guard utf8.count >= TokenShape.shortest else { return self }
        var shown = ""
        var word = Substring()
        for (index, character) in zip(indices, self) {
            if TokenShape.isPart(character) {
                word = self[(word.isEmpty ? index : word.startIndex)...index]
            } else {
                shown += TokenShape.matches(word) ? TokenShape.hidden : String(word)
                shown.append(character)
                word = Substring()
            }
        }
        return shown + (TokenShape.matches(word) ? TokenShape.hidden : String(word))
    }

    /// Whether a part of the text has the shape of an access token.
    package var hasToken: Bool { hidingTokens != self }
}

/// What access tokens look like.
private enum TokenShape {
    static let hidden = "•••"
    static let shortest = 20

    /// How the tokens of Databricks, GitHub, GitLab, OpenAI, Anthropic, AWS, Slack, PyPI and Hugging Face begin.
    private static let beginnings = [
        "dapi", "dkea", "dose", "dsapi", "dprt", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
        "glpat-", "sk-",
        "AKIA", "ASIA", "xoxb-", "xoxp-", "xoxa-", "pypi-", "hf_",
    ]

    static func isPart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "_-.".contains(character))
    }

    /// Whether a word is a token: it begins like one and goes on without words, it is a JSON Web Token, or it is drawn at
    /// random.
    static func matches(_ text: Substring) -> Bool {
        let word = text.drop { "_-.".contains($0) }
        guard word.utf8.count >= shortest else { return false }
        if word.hasPrefix("eyJ"), word.split(separator: ".").count >= 2 { return true }
        if word.split(whereSeparator: { "_-.".contains($0) }).contains(where: isRandom) { return true }
        return beginnings.contains { beginning in
            guard word.lowercased().hasPrefix(beginning.lowercased()) else { return false }
            let rest = word.dropFirst(beginning.count)
            // A token has no parts of words only, as `sk-learn-prompts-for-agents` has.
            return rest.split(whereSeparator: { "_-.".contains($0) }).contains {
                $0.utf8.count >= 12 && $0.contains(where: \.isNumber)
            }
        }
    }

    /// Whether a word has small letters, capitals and digits all mixed up, as no name has.
    private static func isRandom(_ word: Substring) -> Bool {
        guard word.utf8.count >= 24 else { return false }
        let kinds = word.map { $0.isNumber ? 0 : $0.isUppercase ? 1 : 2 }
        let changes = zip(kinds, kinds.dropFirst()).count { $0 != $1 }
        return Set(kinds).count == 3 && changes * 5 >= kinds.count * 2
    }
}
