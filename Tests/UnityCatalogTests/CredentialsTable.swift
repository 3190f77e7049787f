import Foundation
import HTTP
import ServerFixtures
import Testing

@testable import UnityCatalog

/// A configuration, and what the Databricks SDK for Python chooses for it; a test in Python keeps the file true.
struct CredentialsRow: Decodable, Sendable, CustomTestStringConvertible {
    /// The SDK's request for a token.
    struct Exchange: Decodable, Sendable {
        var url: String
        var form: [String: String]
        var basic: String?
        var audience: String?
    }

    /// What the SDK chooses; an error, or else a method and a host.
    struct Choice: Decodable, Sendable {
        var error: String?
        var method: String?
        var host: String?
        var exchange: Exchange?
    }

    var name: String
    var environment: [String: String]
    var profile: String?
    var files: [String: String]
    var because: String
    var sdk: Choice

    var testDescription: String { name }

    static func all() throws -> [CredentialsRow] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("UnityCatalogStandIn/credentials.json")
        return try JSONDecoder().decode([CredentialsRow].self, from: Data(contentsOf: file))
    }

    /// What promptreg chooses.
    func resolve() throws -> ResolvedCredentials {
        let files = files
        return try ResolvedCredentials(
            profile: profile, environment: environment.merging(["HOME": "/home/user"]) { own, _ in own },
            readFile: { files[$0] })
    }
}

/// Answers in the place of a workspace and GitHub.
func workspaceDouble(_ lifetime: Int = 3600) -> ExchangeDouble {
    ExchangeDouble { request, index in
        let url = request.url.text
        let base = url.split(separator: "/.well-known").first.map(String.init) ?? url
        if url.hasSuffix("/.well-known/databricks-config") {
            let workspace = #""account_id": "account", "workspace_id": "4242""#
            return .answer(200, #"{"oidc_endpoint": "\#(base)/oidc", \#(workspace)}"#)
        }
        if url.hasPrefix("https://github.example/") { return .answer(200, #"{"value": "github-jwt"}"#) }
        if request.method == .get { return .answer(200, #"{"token_endpoint": "\#(base)/v1/token"}"#) }
        let token = #""access_token": "issued-\#(index)", "token_type": "Bearer""#
        return .answer(200, #"{\#(token), "expires_in": \#(lifetime)}"#)
    }
}

/// The fields of a form.
func form(_ text: some StringProtocol) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
        fields[parts[0]] = parts.count > 1 ? parts[1] : ""
    }
    return fields
}
