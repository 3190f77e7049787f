import HTTP
import Prompts
import ServerFixtures
import Synchronization
import Testing

@testable import UnityCatalog

@Suite struct CredentialsRenewalTests {
    private let time = ClockDouble()

    /// Gives out numbered tokens, or fails where told to.
    private final class Source: Sendable {
        let count = Atomic<Int>(0)
        let lifetime: Duration?
        let failing: Set<Int>

        init(lifetime: Duration?, failing: Set<Int> = []) {
            self.lifetime = lifetime
            self.failing = failing
        }

        func fetch() async throws(HTTPError) -> AccessToken {
            let number = count.add(1, ordering: .relaxed).newValue
            await Task.yield()
            if failing.contains(number) { throw HTTPError(.unreachable, "no answer") }
            return AccessToken(
                value: Secret("\(number)"), type: "Bearer", lifetime: lifetime, workspaceID: nil)
        }

        var fetched: Int { count.load(ordering: .relaxed) }
    }

    private func token(of source: Source) -> RenewingToken {
        RenewingToken(clock: time.clock) { () async throws(HTTPError) in try await source.fetch() }
    }

    @Test func isFetchedOnceForAll() async throws {
        let source = Source(lifetime: .seconds(3600))
        let token = token(of: source)
        #expect(source.fetched == 0)
        let values = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await token.token().value.reveal() } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(values == ["1"])
        #expect(source.fetched == 1)
    }

    @Test(arguments: [
        (3600, 2399, "1"), (3600, 2401, "2"), (600, 299, "1"), (600, 301, "2"), (600, 590, "2"),
    ])
    func isRenewedBeforeItEnds(_ lifetime: Int, _ age: Int, _ expected: String) async throws {
        let token = token(of: Source(lifetime: .seconds(lifetime)))
        _ = try await token.token()
        time.advance(by: .seconds(age))
        #expect(try await token.token().value.reveal() == expected)
    }

    @Test func goesOnBeingUsedWhileItLastsWhenRenewingFails() async throws {
        let source = Source(lifetime: .seconds(3600), failing: [2, 4])
        let token = token(of: source)
        _ = try await token.token()
        time.advance(by: .seconds(3000))
        #expect(try await token.token().value.reveal() == "1")
        time.advance(by: .seconds(30))
        #expect(try await token.token().value.reveal() == "1")
        #expect(source.fetched == 2)
        time.advance(by: .seconds(31))
        #expect(try await token.token().value.reveal() == "3")
    }

    @Test func isNotUsedAfterItsEnd() async throws {
        let token = token(of: Source(lifetime: .seconds(3600), failing: [2]))
        _ = try await token.token()
        time.advance(by: .seconds(3561))
        await #expect(throws: HTTPError.self) { try await token.token() }
        #expect(try await token.token().value.reveal() == "3")
    }

    @Test func lastsWhereItsLifetimeIsNotSaid() async throws {
        let token = token(of: Source(lifetime: nil))
        _ = try await token.token()
        time.advance(by: .seconds(1 << 30))
        #expect(try await token.token().value.reveal() == "1")
    }

    @Test func isReplacedOnceWhenManyRequestsAreRefused() async throws {
        let source = Source(lifetime: .seconds(3600))
        let token = token(of: source)
        let rejected = try await token.token()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { try await token.replace { $0 == rejected } } }
            try await group.waitForAll()
        }
        #expect(try await token.token().value.reveal() == "2")
        #expect(source.fetched == 2)
    }

    @Test func goesOnForOthersWhenOneWhoWaitsGivesUp() async throws {
        let count = Atomic<Int>(0)
        let token = RenewingToken(clock: time.clock) { () async throws(HTTPError) in
            let number = count.add(1, ordering: .relaxed).newValue
            if number == 1 {
                try? await Task.sleep(for: .seconds(1000))
                throw HTTPError(.failed, "given up")
            }
            return AccessToken(value: Secret("\(number)"), type: "Bearer", lifetime: nil, workspaceID: nil)
        }
        let first = Task { try await token.token() }
        while count.load(ordering: .relaxed) == 0 { await Task.yield() }
        let second = Task { try await token.token() }
        for _ in 0..<100 { await Task.yield() }
        first.cancel()
        #expect(try await second.value.value.reveal() == "2")
        await #expect(throws: HTTPError.self) { try await first.value }
    }

    // MARK: - The authorizer

    private static func credentials(_ more: [String: String]) throws -> ResolvedCredentials {
        let environment = more.merging(["DATABRICKS_HOST": "https://w.example.com"]) { own, _ in own }
        return try ResolvedCredentials(profile: nil, environment: environment, readFile: { _ in nil })
    }

    private static let servicePrincipal = [
        "DATABRICKS_CLIENT_ID": "app", "DATABRICKS_CLIENT_SECRET": "hunter2",
    ]

    private func authorizer(
        _ exchange: ExchangeDouble, _ environment: [String: String] = servicePrincipal
    ) throws -> DatabricksAuthorizer {
        DatabricksAuthorizer(
            try Self.credentials(environment), exchange: exchange,
            settings: HTTPSettings(
                deadline: RunDeadline(clock: time.clock), policy: RetryPolicy(random: { $0.upperBound }),
                clock: time.clock),
            readFile: { _ in nil })
    }

    @Test func aPersonalTokenNeedsNoRequest() async throws {
        let exchange = ExchangeDouble(.broken(.other))
        let environment = ["DATABRICKS_TOKEN": "dapi1", "DATABRICKS_WORKSPACE_ID": "77"]
        let authorizer = try authorizer(exchange, environment)
        let headers = try await authorizer.headers()
        #expect(headers.map { $0.value.reveal() } == ["Bearer dapi1", "77"])
        #expect(try await authorizer.refresh(after: headers) == false)
        #expect(exchange.sent.isEmpty)
    }

    @Test func aRefusedTokenIsReplaced() async throws {
        let exchange = workspaceDouble()
        let authorizer = try authorizer(exchange)
        let rejected = try await authorizer.headers()
        #expect(try await authorizer.refresh(after: rejected))
        let fresh = try await authorizer.headers()
        #expect(fresh != rejected)
        #expect(exchange.sent.filter { $0.method == .post }.count == 2)
        #expect(try await authorizer.refresh(after: rejected))
        #expect(try await authorizer.headers() == fresh)
    }

    @Test(arguments: [
        ExchangeDouble.Answer.answer(404, "<html>no</html>"),
        .answer(302, "", ["Location": "https://login.example.com/authorize"]),
    ])
    func aWorkspaceThatDoesNotDescribeItselfIsAskedForItsOAuthMetadata(
        _ description: ExchangeDouble.Answer
    ) async throws {
        let exchange = ExchangeDouble { request, _ in
            switch request.url.path {
            case "/.well-known/databricks-config": description
            case "/oidc/.well-known/oauth-authorization-server":
                .answer(200, #"{"token_endpoint": "https://w.example.com/oidc/v1/token"}"#)
            default: .answer(200, #"{"access_token": "t", "token_type": "Bearer", "expires_in": "60"}"#)
            }
        }
        let headers = try await authorizer(exchange).headers()
        #expect(headers.map { $0.value.reveal() } == ["Bearer t"])
    }

    @Test(arguments: [
        ("http://w.example.com/oidc/v1/token", "the workspace asks for secrets to be sent unencrypted"),
        ("ftp://w.example.com", "the server's address cannot be used"),
    ])
    func secretsAreNotSentJustAnywhere(_ endpoint: String, _ message: String) async throws {
        let exchange = ExchangeDouble(.answer(200, #"{"token_endpoint": "\#(endpoint)"}"#))
        let authorizer = try authorizer(exchange)
        let error = await #expect(throws: HTTPError.self) { try await authorizer.headers() }
        #expect(error?.message.hasPrefix(message) == true)
        #expect(exchange.sent.allSatisfy { $0.method == .get })
    }

    @Test func aTokenThatNoHeaderCanHoldIsRefused() async throws {
        let exchange = ExchangeDouble(
            .answer(404, "{}"), .answer(200, #"{"token_endpoint": "https://w.example.com/t"}"#),
            .answer(200, #"{"access_token": "hid\nden"}"#))
        let authorizer = try authorizer(exchange)
        let error = await #expect(throws: HTTPError.self) { try await authorizer.headers() }
        #expect(error?.code == .unauthenticated && error?.message.contains("hid") == false)
    }

    @Test func aWrongSecretIsToldWithoutIt() async throws {
        let metadata = #"{"token_endpoint": "https://w.example.com/t"}"#
        let refusal = #"{"error": "invalid_client", "error_description": "wrong hunter2"}"#
        let exchange = ExchangeDouble(.answer(404, "{}"), .answer(200, metadata), .answer(400, refusal))
        let authorizer = try authorizer(exchange)
        let error = await #expect(throws: HTTPError.self) { try await authorizer.headers() }
        #expect(error?.code == .unauthenticated)
        #expect(error?.hint == "check DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET")
        #expect(error?.message.contains("hunter2") == false)
    }

    /// What the token endpoint knows, and tokens of before, the workspace may tell in any other answer.
    @Test(arguments: ["hunter2-of-the-principal", "first-token-0123", "second-token-4567"])
    func whatElseWasSentIsNotShownEither(_ secret: String) async throws {
        let asked = Atomic<Int>(0)
        let calls = Atomic<Int>(0)
        let exchange = ExchangeDouble { request, _ in
            switch request.url.path {
            case "/.well-known/databricks-config":
                return .answer(200, #"{"oidc_endpoint": "https://w.example.com/oidc"}"#)
            case "/oidc/.well-known/oauth-authorization-server":
                return .answer(200, #"{"token_endpoint": "https://w.example.com/oidc/v1/token"}"#)
            case "/oidc/v1/token":
                let isFirst = asked.add(1, ordering: .relaxed).oldValue == 0
                let token = isFirst ? "first-token-0123" : "second-token-4567"
                return .answer(200, #"{"access_token": "\#(token)", "expires_in": 3600}"#)
            default:
                if calls.add(1, ordering: .relaxed).oldValue == 0 { return .answer(401, "{}") }
                return .answer(403, #"{"error_code": "NO", "message": "not for \#(secret)"}"#)
            }
        }
        var environment = Self.servicePrincipal
        environment["DATABRICKS_CLIENT_SECRET"] = "hunter2-of-the-principal"
        let (client, _) = try Self.credentials(environment).client(
            over: exchange, HTTPSettings(deadline: RunDeadline(clock: time.clock), clock: time.clock))
        let url = try HTTPURL("https://w.example.com/api")
        let error = await #expect(throws: HTTPError.self) {
            _ = try await client.send(HTTPRequest(.get, url), as: [String: String].self)
        }
        #expect(asked.load(ordering: .relaxed) == 2)
        #expect(error?.message.hasSuffix("not for •••") == true)
    }

    @Test func githubRefusingAnIDTokenIsExplained() async throws {
        let exchange = ExchangeDouble { request, index in
            request.url.host == "github.example" ? .answer(403, "{}") : await Self.answer(request)
        }
        let environment = [
            "DATABRICKS_CLIENT_ID": "app", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.example/t?v=1",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "rt",
        ]
        let authorizer = try authorizer(exchange, environment)
        let error = await #expect(throws: HTTPError.self) { try await authorizer.headers() }
        #expect(error?.code == .unauthenticated)
        #expect(error?.hint?.contains("id-token: write") == true)
    }

    private static func answer(_ request: HTTPRequest) async -> ExchangeDouble.Answer {
        do throws(TransportError) {
            return .success(try await workspaceDouble().send(request, within: .seconds(1)))
        } catch {
            return .failure(error)
        }
    }
}
