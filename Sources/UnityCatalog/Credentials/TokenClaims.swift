import FoundationEssentials
import HTTP

/// What a token that is a JWT says of itself. It is not verified: whoever accepts the token does that.
struct TokenClaims: Decodable, Sendable {
    /// The user that it is for; a service principal's has none.
    let upn: String?
    /// What it may be used for.
    let scopes: Set<String>?

    /// Reads a token; nil when it is no JWT.
    init?(_ token: Secret) {
        let parts = token.reveal().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var text = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text),
            let claims = try? JSONDecoder().decode(TokenClaims.self, from: data)
        else { return nil }
        self = claims
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        upn = try? container.decode(String.self, forKey: .upn)
        let text = try? container.decode(String.self, forKey: .scope)
        let list = text.map { $0.split(separator: " ").map(String.init) }
        scopes = (list ?? (try? container.decode([String].self, forKey: .scope))).map(Set.init)
    }

    private enum CodingKeys: String, CodingKey { case upn, scope }
}
