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

    /// A request that the SDK sends for a token.
    struct Request: Decodable, Hashable, Sendable {
        var method: String
        var url: String
        var headers: [String: String]
        var form: [String: String]
    }

    /// What the SDK chooses; an error, or else a method and a host.
    struct Choice: Decodable, Sendable {
        var error: String?
        var method: String?
        var host: String?
        var exchange: Exchange?
        var headers: [String: String]?
        var requests: [Request]?
        var calls: [String]?
    }

    var name: String
    var environment: [String: String]
    var profile: String?
    var files: [String: String]
    var programs: [String: String]
    var because: String
    var sdk: Choice

    var testDescription: String { name }

    static func all() throws -> [CredentialsRow] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("UnityCatalogStandIn/credentials.json")
        return try JSONDecoder().decode([CredentialsRow].self, from: Data(contentsOf: file))
    }

    /// What promptreg chooses.
    func resolve(at home: CredentialsHome? = nil) throws -> ResolvedCredentials {
        try ResolvedCredentials(
            profile: profile, environment: home?.environment(environment) ?? unreal, readFile: read(at: home))
    }

    /// What promptreg gets tokens with.
    func authorizer(at home: CredentialsHome, _ exchange: ExchangeDouble) throws -> DatabricksAuthorizer {
        DatabricksAuthorizer(
            try resolve(at: home), exchange: exchange, settings: HTTPSettings(clock: ClockDouble().clock),
            readFile: read(at: home))
    }

    /// The environment of a home folder that there is not.
    private var unreal: [String: String] {
        environment.merging(["HOME": CredentialsHome.unreal, "PATH": ""]) { own, _ in own }
    }

    private func read(at home: CredentialsHome?) -> @Sendable (String) -> String? {
        let path = home?.path ?? CredentialsHome.unreal
        return { [files] in files[$0.replacing(path, with: CredentialsHome.unreal)] }
    }
}

/// A home folder with the programs of a row, while it is in use.
final class CredentialsHome: Sendable {
    /// What stands for it in the table.
    static let unreal = "/home/user"

    let path: String

    init(_ row: CredentialsRow) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        for (name, text) in row.programs.merging(["bin/.keep": ""], uniquingKeysWith: { own, _ in own }) {
            let file = URL(fileURLWithPath: "\(path)/\(name)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// How its programs were called, each way once.
    var calls: [String] {
        let text = (try? String(contentsOfFile: path + "/calls", encoding: .utf8)) ?? ""
        var calls: [String] = []
        for line in text.split(separator: "\n").map(String.init) where !calls.contains(line) {
            calls.append(line)
        }
        return calls
    }

    func environment(_ environment: [String: String]) -> [String: String] {
        environment.mapValues { $0.replacing(Self.unreal, with: path) }
            .merging(["HOME": path, "PATH": "\(path)/bin:\(path)/bin2"]) { own, _ in own }
    }
}

/// Answers in the place of a workspace, GitHub, Azure and a metadata service.
func workspaceDouble(_ lifetime: Int = 3600, issued: String? = nil) -> ExchangeDouble {
    ExchangeDouble { request, index in
        let url = request.url.text
        let base = url.split(separator: "/.well-known").first.map(String.init) ?? url
        if url.hasSuffix("/.well-known/databricks-config") {
            let workspace = #""account_id": "account", "workspace_id": "4242""#
            return .answer(200, #"{"oidc_endpoint": "\#(base)/oidc", \#(workspace)}"#)
        }
        if url.hasPrefix("https://github.example/") { return .answer(200, #"{"value": "github-jwt"}"#) }
        if url.hasSuffix("/aad/auth") || url.hasSuffix("/authorize") {
            let zone = AzureCloud(of: request.url)?.login ?? "https://login.example.com"
            return .answer(302, "", ["Location": "\(zone)/tenant-1/oauth2/authorize?client_id=x"])
        }
        if request.url.host == "devops.example" { return .answer(200, #"{"oidcToken": "devops-jwt"}"#) }
        if request.url.host == "127.0.0.1" {
            return .answer(200, #"{"access_token": "m", "token_type": "Bearer", "expires_on": 9e9}"#)
        }
        if request.method == .get { return .answer(200, #"{"token_endpoint": "\#(base)/v1/token"}"#) }
        let token = #""access_token": "\#(issued ?? "issued-\(index)")", "token_type": "Bearer""#
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
