import Foundation
import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import UnityCatalog

@Suite struct CredentialsChoiceTests {
    private static let methods = Set(AuthenticationMethod.allCases.map(\.rawValue))

    @Test func thereIsATable() throws {
        #expect(try CredentialsRow.all().count >= 60)
    }

    @Test(arguments: ["https://token:dapi-hidden@w.example.com", "token:dapi-hidden@w.example.com"])
    func aSecretInTheHostIsNotShown(_ host: String) throws {
        let settings = ["DATABRICKS_HOST": host]
        for environment in [settings, settings.merging(["DATABRICKS_TOKEN": "dapi-1"]) { own, _ in own }] {
            let error = #expect(throws: HTTPError.self) {
                try ResolvedCredentials(profile: nil, environment: environment, readFile: { _ in nil })
            }
            #expect(error?.message.hasPrefix("DATABRICKS_HOST cannot be used") == true)
            #expect(error.map { "\($0)".contains("dapi") } == false)
        }
    }

    @Test(arguments: try CredentialsRow.all())
    func choosesAsTheSDK(_ row: CredentialsRow) throws {
        let sdk = row.sdk
        guard let method = sdk.method, row.because.isEmpty else { return }
        guard Self.methods.contains(method) else {
            let error = #expect(throws: HTTPError.self) { try row.resolve() }
            #expect(error?.code == .unauthenticated)
            #expect(error?.message.contains("'\(method)'") == true)
            return
        }
        let home = try CredentialsHome(row)
        let credentials = try row.resolve(at: home)
        #expect(credentials.methods.map(\.rawValue).contains(method))
        #expect(credentials.methods.count == 1 || credentials.method == .azureCLI)
        #expect(credentials.host.text == sdk.host?.lowercased())
        #expect(credentials.sources.contains { $0.name == "host" })
    }

    @Test(arguments: try CredentialsRow.all().filter { $0.sdk.error != nil })
    func refusesAsTheSDK(_ row: CredentialsRow) async throws {
        let home = try CredentialsHome(row)
        // Some have no token only when asked.
        let failure = await #expect(throws: HTTPError.self) {
            try await row.authorizer(at: home, workspaceDouble()).headers()
        }
        let error = try #require(failure)
        #expect(error.code == .unauthenticated || error.code == .invalidAddress)
        #expect(error.hint != nil || row.programs.isEmpty)
        #expect(error.message.contains("more than one authorization method") == (row.sdk.error == "conflict"))
        for secret in ["dapi1", "dapi-both", "dapi-pat", "hello", "no cached token"] {
            #expect(!"\(error)".contains(secret))
        }
    }

    @Test(arguments: try CredentialsRow.all().filter { $0.sdk.calls != nil && $0.because.isEmpty })
    func asksAndCallsAsTheSDK(_ row: CredentialsRow) async throws {
        let home = try CredentialsHome(row)
        let exchange = workspaceDouble(issued: "issued")
        let authorizer = try row.authorizer(at: home, exchange)
        var headers: [String: String] = [:]
        for header in try await authorizer.headers() { headers[header.name] = header.value.reveal() }
        headers["x-databricks-org-id"] = nil
        #expect(headers == row.sdk.headers)
        #expect(await authorizer.method?.rawValue == row.sdk.method)
        #expect(home.calls == row.sdk.calls)
        var sent = exchange.sent.filter { !$0.url.path.contains("/.well-known/") }.map { request in
            var headers = request.headers
            for header in request.credentials { headers[header.name] = header.value.reveal() }
            if request.body?.isEmpty == false { headers["Content-Type"] = nil }
            return CredentialsRow.Request(
                method: request.method.rawValue, url: request.url.text.removingPercentEncoding ?? "",
                headers: headers, form: form(String(decoding: request.body ?? [], as: UTF8.self)))
        }
        let expected = (row.sdk.requests ?? []).map { request in
            var request = request
            request.headers["Content-Length"] = nil
            return request
        }
        // The order among those of one token does not matter: who says first which tenant it is.
        for request in expected {
            let index = sent.firstIndex(of: request)
            #expect(index != nil, "\(request) is not among \(sent)")
            if let index { sent.remove(at: index) }
        }
        #expect(sent.isEmpty)
    }

    @Test(arguments: try CredentialsRow.all().filter { $0.sdk.exchange != nil })
    func asksForTokensAsTheSDK(_ row: CredentialsRow) async throws {
        let expected = try #require(row.sdk.exchange)
        let exchange = workspaceDouble()
        let authorizer = try row.authorizer(at: CredentialsHome(row), exchange)
        let headers = try await authorizer.headers()
        let request = try #require(exchange.sent.last)
        #expect(request.method == .post)
        #expect(request.url.text == expected.url)
        #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(form(String(decoding: request.body ?? [], as: UTF8.self)) == expected.form)
        let basic = expected.basic.map { "Basic " + Data($0.utf8).base64EncodedString() }
        #expect(request.credentials.first?.value.reveal() == basic)
        let audience = exchange.sent.first { $0.url.host == "github.example" }.flatMap {
            form($0.url.query)["audience"]
        }
        #expect(audience == expected.audience)
        let sent = headers.map { "\($0.name): \($0.value.reveal())" }
        #expect(
            sent == ["Authorization: Bearer issued-\(exchange.sent.count - 1)", "x-databricks-org-id: 4242"])
    }

    @Test func dropsWhatABrowserAdds() throws {
        let row = try #require(try CredentialsRow.all().first { $0.name == "host of a browser's address" })
        #expect(try row.resolve().host.text == "https://w.example.com")
    }

    // MARK: - Words

    private func resolve(
        _ environment: [String: String], profile: String? = nil, file: String? = nil
    ) throws -> ResolvedCredentials {
        try ResolvedCredentials(
            profile: profile, environment: environment.merging(["HOME": "/h", "PATH": ""]) { own, _ in own },
            readFile: { $0 == "/h/.databrickscfg" ? file : nil })
    }

    @Test func tellsWhereValuesComeFrom() throws {
        let file = "[ci]\nhost = https://w.example.com\nclient_id = app\nclient_secret = hidden\n"
        let credentials = try resolve(["DATABRICKS_HOST": "x.example.com"], profile: "ci", file: file)
        #expect(
            credentials.sources == [
                .init(name: "host", origin: "DATABRICKS_HOST", value: "x.example.com"),
                .init(name: "client_id", origin: "client_id of profile ci in ~/.databrickscfg", value: "app"),
                .init(name: "client_secret", origin: "client_secret of profile ci in ~/.databrickscfg"),
                .init(name: "profile", origin: "the registry's address", value: "ci"),
            ])
        var dumped = ""
        dump(credentials, to: &dumped)
        dump(try resolve(["DATABRICKS_HOST": "x.example.com", "DATABRICKS_TOKEN": "hidden"]), to: &dumped)
        #expect(!dumped.contains("hidden"))
    }

    @Test func namesBothSidesOfAConflict() {
        let error = #expect(throws: HTTPError.self) {
            try resolve(["DATABRICKS_TOKEN": "t", "DATABRICKS_CLIENT_ID": "c", "DATABRICKS_HOST": "h"])
        }
        #expect(
            error?.message
                == "more than one authorization method configured: oauth (DATABRICKS_CLIENT_ID) and pat (DATABRICKS_TOKEN)"
        )
        #expect(error?.hint?.contains("DATABRICKS_AUTH_TYPE") == true)
    }

    @Test(arguments: [
        (
            "cli",
            "the authorization method 'databricks-cli' requires the Databricks CLI in PATH"
        ),
        ("other", "~/.databrickscfg has no profile 'other'"),
        ("m2m", "the authorization method 'oauth-m2m' requires DATABRICKS_CLIENT_SECRET"),
        ("bare", "there are no credentials for https://w.example.com"),
        ("scope:prefix", "'databricks-uc://scope:prefix' names a scope of Databricks secrets"),
    ])
    func saysWhatIsMissing(_ profile: String, _ message: String) {
        let file = """
            [cli]
            host = w.example.com
            auth_type = databricks-cli
            [m2m]
            host = w.example.com
            client_id = app
            auth_type = oauth-m2m
            [bare]
            host = w.example.com
            """
        let error = #expect(throws: HTTPError.self) { try resolve([:], profile: profile, file: file) }
        #expect(error?.message == message)
        if profile == "other" { #expect(error?.hint == "it has: bare, cli, m2m") }
        if profile == "cli" {
            #expect(
                error?.hint
                    == "install it, version 0.205 or later, and run `databricks auth login --host https://w.example.com`"
            )
        }
    }

    @Test(arguments: [
        (["DATABRICKS_TOKEN": "hidden\n"], "DATABRICKS_TOKEN"),
        (["DATABRICKS_TOKEN": "t", "DATABRICKS_WORKSPACE_ID": "1\r"], "DATABRICKS_WORKSPACE_ID"),
        (
            ["DATABRICKS_CLIENT_ID": "a", "DATABRICKS_CLIENT_SECRET": "hid\u{0}den"],
            "DATABRICKS_CLIENT_SECRET"
        ),
    ])
    func refusesLineBreaks(_ environment: [String: String], _ name: String) {
        let error = #expect(throws: HTTPError.self) {
            try resolve(environment.merging(["DATABRICKS_HOST": "w.example.com"]) { own, _ in own })
        }
        #expect(error?.code == .unauthenticated)
        #expect(error?.message == "\(name) has a line break or another control character")
    }

    @Test func saysThatThereIsNoFile() {
        let error = #expect(throws: HTTPError.self) { try resolve([:]) }
        #expect(error?.message == "no Databricks workspace is named (there is no ~/.databrickscfg)")
    }

    @Test(arguments: [
        ("host = x\n", "~/.databrickscfg:1: this line comes before any [SECTION]"),
        ("[DEFAULT]\n\n# c\nnonsense\n", "~/.databrickscfg:4: this line has no ="),
        ("[a]\n[a]\n", "~/.databrickscfg:2: the section [a] appears twice"),
        ("[a]\ntoken = hidden1\ntoken = hidden2\n", "~/.databrickscfg:3: the section [a] has token twice"),
        ("[a]\n= hidden1\n", "~/.databrickscfg:2: this line has no key"),
    ])
    func namesTheLineOfABrokenFile(_ file: String, _ message: String) {
        let error = #expect(throws: HTTPError.self) { try resolve([:], file: file) }
        #expect(error?.message == message)
        #expect(!"\(String(describing: error))".contains("hidden"))
    }
}
