import ServerFixtures
import Support
import Synchronization
import Testing

@testable import HTTP

@Suite struct HTTPClientTests {
    private static let good = ExchangeDouble.Answer.answer(200, #"{"value": 1}"#)

    /// Gives a new token each time it is asked for one, and counts how often.
    private final class Tokens: Authorizer {
        let count = Atomic<Int>(0)
        private let canRefresh: Bool

        init(canRefresh: Bool = true) { self.canRefresh = canRefresh }

        func headers() async throws(HTTPError) -> [CredentialHeader] {
            [CredentialHeader("Authorization", Secret("Bearer token-\(count.load(ordering: .relaxed))"))]
        }

        func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool {
            count.add(1, ordering: .relaxed)
            return canRefresh
        }
    }

    @Test func aMessageThatBeginsLikeAPageIsNone() async throws {
        let body = #"{"error_code": "INVALID_PARAMETER_VALUE", "message": "<b> is no name"}"#
        let double = ClientDouble(ExchangeDouble(.answer(400, body)))
        let request = HTTPRequest(.get, try HTTPURL("https://registry.example/get"))
        let error = await #expect(throws: HTTPError.self) {
            try await double.client.send(request, as: Named.self)
        }
        #expect(error?.message == "the server answered 400: <b> is no name")
    }

    @Test func onlyALargeBodyIsCompressed() throws {
        let url = try HTTPURL("https://registry.example/traces")
        var small = HTTPRequest(.post, url, body: [UInt8](repeating: 65, count: 4_000))
        small.compress()
        #expect(small.body?.count == 4_000 && small.headers.isEmpty)
        var large = HTTPRequest(.post, url, body: [UInt8](repeating: 65, count: 400_000))
        large.compress()
        let body = try #require(large.body)
        #expect(body.prefix(2) == [0x1F, 0x8B] && body.count < 10_000)
        // The length of what is in it, at its end.
        #expect(body.suffix(4) == [0x80, 0x1A, 0x06, 0x00])
        #expect(large.headers == ["Content-Encoding": "gzip"])
    }

    @Test func workWithALimitOfItsOwnDoesNotShareThatOfTheClient() async throws {
        let double = ClientDouble(ExchangeDouble(Self.good))
        double.client.settings.deadline.interrupt()
        let request = HTTPRequest(.get, try HTTPURL("https://registry.example/get"))
        _ = try await HTTPClient.within(.seconds(60)) {
            await Result { () async throws(HTTPError) in
                try await double.client.send(request, as: StatusOnly.self)
            }
        }.get()
        #expect(double.exchange.sent.count == 1)
    }

    // MARK: - Answers about something else

    private struct Named: Decodable, Sendable, AnswerAbout {
        var name: String?
        var subject: String? { name }
    }

    @Test(arguments: [
        ("main.a.p", true), ("MAIN.a.P", true), ("p", true), ("main.a.q", false), ("ain.a.p", false),
        ("", false),
    ])
    func anAnswerAboutSomethingElseIsNotBelieved(_ name: String, _ isBelieved: Bool) async throws {
        let double = ClientDouble(ExchangeDouble(.answer(200, #"{"name": "\#(name)"}"#)))
        var request = HTTPRequest(.get, try HTTPURL("https://registry.example/get"))
        request.subject = "main.a.p"
        do throws(HTTPError) {
            #expect(try await double.client.send(request, as: Named.self).name == name)
            #expect(isBelieved)
        } catch {
            #expect(!isBelieved && error.outcomeIsUnknown)
            #expect(
                error.message.hasPrefix("the server answered about '\(name)' when asked about 'main.a.p'"))
        }
    }

    /// A write that is answered so is looked up like one whose answer was lost.
    @Test func whatWasWrittenIsLookedUpAfterAnAnswerAboutSomethingElse() async throws {
        let double = ClientDouble(ExchangeDouble(.answer(200, #"{"name": "other"}"#)))
        var request = HTTPRequest(.post, try HTTPURL("https://registry.example/create"), body: [])
        request.subject = "mine"
        let answer = try await double.client.sendOnce(request, as: Named.self) { () async throws(HTTPError) in
            Named(name: "mine")
        }
        #expect(answer.isLookedUp && answer.answer.name == "mine" && double.exchange.sent.count == 1)
    }

    // MARK: - Proxies

    /// An exchange through a proxy whose password is in the environment.
    private struct Proxied: HTTPExchange {
        let answer: HTTPResponse
        func send(_ request: HTTPRequest, within timeout: Duration) async throws(TransportError)
            -> HTTPResponse
        {
            answer
        }
        func proxySecrets(for url: HTTPURL) -> [Secret]? {
            let proxy = "http://me%40corp:p%40ss-w0rd@proxy.example:3128"
            return TransportOptions(environment: ["http_proxy": proxy]).proxySecrets(for: url)
        }
    }

    @Test(
        arguments: [403, 407, 500],
        [
            "http://me%40corp:p%40ss-w0rd@", "p%40ss-w0rd", "p@ss-w0rd", "me@corp:p@ss-w0rd",
            "Basic bWVAY29ycDpwQHNzLXcwcmQ=", "Proxy-Authorization: bWVAY29ycDpwQHNzLXcwcmQ=",
        ])
    func aProxysPasswordIsNotShown(_ status: Int, _ said: String) async throws {
        let answer = HTTPResponse(status: status, body: Array("you sent \(said), no".utf8))
        let client = HTTPClient(
            exchange: Proxied(answer: answer), authorizer: FixedAuthorizer(),
            service: ServiceDescription(name: "the server", credentialsHint: "log in"),
            settings: HTTPSettings(policy: RetryPolicy(attempts: 1)))
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(.get, HTTPURL("http://registry.example/")), as: Thing.self)
        }
        let message = try #require(error?.message)
        for secret in ["ss-w0rd", "bWVAY29ycDpwQHNzLXcwcmQ"] {
            #expect(!message.contains(secret))
        }
        #expect(
            message.hasPrefix(status == 407 ? "the proxy answered" : "the server, or the proxy before it,"))
    }

    // MARK: - Credentials

    @Test func refreshesCredentialsOnce() async throws {
        let tokens = Tokens()
        let double = ClientDouble(ExchangeDouble(.answer(401), Self.good), authorizer: tokens)
        #expect(try await double.get().value == 1)
        let sent = double.exchange.sent.map { $0.credentials.first?.value.reveal() }
        #expect(sent == ["Bearer token-0", "Bearer token-1"])
        #expect(double.time.slept.isEmpty)
    }

    @Test(arguments: [true, false])
    func givesUpWhenFreshCredentialsAreRefusedToo(_ canRefresh: Bool) async throws {
        let tokens = Tokens(canRefresh: canRefresh)
        let double = ClientDouble(ExchangeDouble(.answer(401, "who?")), authorizer: tokens)
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.code == .unauthenticated && failure?.hint == "log in")
        #expect(failure?.message == "the server answered 401: who?")
        #expect(double.client.requestCount == (canRefresh ? 2 : 1))
        #expect(tokens.count.load(ordering: .relaxed) == 1)
    }

    @Test(arguments: [
        ("http://registry.example", false), ("http://10.0.0.1", false), ("http://127.0.0.1.example", false),
        ("http://127.0.0.1:5000", true), ("http://localhost", true), ("http://[::1]:5000", true),
        ("https://registry.example", true),
    ])
    func sendsCredentialsInPlainTextToThisMachineOnly(_ url: String, _ isSent: Bool) async throws {
        let double = ClientDouble(ExchangeDouble(Self.good), authorizer: Tokens())
        if isSent {
            #expect(try await double.get(url).value == 1)
        } else {
            let failure = await #expect(throws: HTTPError.self) { try await double.get(url) }
            #expect(failure?.code == .invalidAddress)
            #expect(failure?.hint?.contains("allowsInsecureHTTP") == true)
            #expect(double.client.requestCount == 0)
        }
    }

    @Test func plainTextIsAllowedOnDemandAndWithoutCredentials() async throws {
        let allowed = ClientDouble(ExchangeDouble(Self.good), authorizer: Tokens(), allowsInsecure: true)
        #expect(try await allowed.get("http://registry.example").value == 1)
        let anonymous = ClientDouble(ExchangeDouble(Self.good))
        #expect(try await anonymous.get("http://registry.example").value == 1)
    }

    @Test func neverQuotesACredential() async throws {
        let answers: [ExchangeDouble.Answer] = [
            .answer(400, "you sent Bearer token-0, that is token-0"), .answer(200, "token-0?"),
            .answer(403, #"{"error_code": "X", "message": "Bearer token-0 may not"}"#),
            .answer(200, "<html><title>token-0</title></html>"),
            .answer(502, "<html><title>For Bearer token-0</title></html>"),
        ]
        for answer in answers {
            let double = ClientDouble(ExchangeDouble(answer), authorizer: Tokens())
            let failure = await #expect(throws: HTTPError.self) { try await double.get() }
            let told = try #require(failure)
            #expect(!"\(told)".contains("token-0"))
            #expect(told.message.contains("•••"))
        }
    }

    // MARK: - Redirections

    @Test(arguments: [
        ("/v2/api", "https://registry.example/v2/api"), ("/v2/", "https://registry.example/v2/"),
        ("https://registry.example/v2?x=1", "https://registry.example/v2?x=1"),
        ("https://registry.example:443/v2", "https://registry.example:443/v2"),
    ])
    func followsAReadOnTheSameHost(_ location: String, _ target: String) async throws {
        let exchange = ExchangeDouble(.answer(302, "", ["Location": location]), Self.good)
        let double = ClientDouble(exchange, authorizer: Tokens())
        #expect(try await double.get().value == 1)
        #expect(exchange.sent.map(\.url.text).last == target)
    }

    @Test(arguments: [
        "https://elsewhere.example/api", "http://registry.example/api", "//elsewhere.example/api",
        "https://registry.example:8443/api", "ftp://registry.example", "relative", "",
    ])
    func refusesToTakeCredentialsElsewhere(_ location: String) async throws {
        let exchange = ExchangeDouble(.answer(307, "", ["Location": location]), Self.good)
        let double = ClientDouble(exchange, authorizer: Tokens())
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.code == .wrongService)
        #expect(exchange.sent.count == 1)
    }

    @Test func aRedirectThatRepeatsASecretOfAFormIsNotQuoted() async throws {
        var request = HTTPRequest(.post, try HTTPURL("https://registry.example/token"), isWrite: false)
        request.secrets = [Secret("form-secret")]
        let answer = ExchangeDouble.Answer.answer(302, "", ["Location": "https://x.example/?s=form-secret"])
        let double = ClientDouble(ExchangeDouble(answer))
        let failure = await #expect(throws: HTTPError.self) {
            try await double.client.send(request, as: Thing.self)
        }
        #expect(failure?.message.contains("x.example") == true)
        #expect(failure?.message.contains("form-secret") == false)
    }

    @Test func followsNoWriteAndNoCircle() async throws {
        let exchange = ExchangeDouble(.answer(307, "", ["Location": "/api"]))
        let double = ClientDouble(exchange)
        await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(exchange.sent.count == 5)
        await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in nil }
        }
        #expect(exchange.sent.count == 6)
    }

    // MARK: - What is told of failures

    @Test(arguments: [
        (ExchangeDouble.Answer.refusal(404, "RESOURCE_DOES_NOT_EXIST"), HTTPError.Code.notFound),
        (.refusal(400, "RESOURCE_ALREADY_EXISTS"), .conflict), (.refusal(409, "ALREADY_EXISTS"), .conflict),
        (.refusal(409, "RESOURCE_CONFLICT"), .conflict),
        (.refusal(400, "INVALID_PARAMETER_VALUE"), .invalidValue), (.refusal(400, "OTHER"), .invalidValue),
        (.refusal(403, "PERMISSION_DENIED"), .permissionDenied),
        (.refusal(400, "PERMISSION_DENIED"), .permissionDenied), (.answer(403, "no"), .permissionDenied),
        (.refusal(401, "X"), .unauthenticated), (.answer(404, "<html>"), .wrongService),
        (.refusal(404, "ENDPOINT_NOT_FOUND"), .wrongService), (.answer(413), .invalidValue),
        (.answer(404, #"{"detail": "Not Found"}"#), .wrongService), (.answer(407), .unreachable),
        (.answer(404, #"{"error": "Not Found"}"#), .wrongService),
        (.answer(500), .failed), (.refusal(500, "INTERNAL_ERROR"), .failed), (.answer(503), .unreachable),
        (.answer(200, "<!doctype html><title>Log in</title>"), .wrongService),
        (.answer(200, #"{"value": "#), .failed), (.answer(200, ""), .failed),
        (.broken(.timedOut), .unreachable), (.broken(.unknownHost), .unreachable),
        (.broken(.untrusted), .unreachable), (.broken(.tooLarge), .failed),
    ])
    func givesFailuresACode(_ answer: ExchangeDouble.Answer, _ code: HTTPError.Code) async throws {
        let double = ClientDouble(
            ExchangeDouble(answer), policy: RetryPolicy(attempts: 1),
            total: .milliseconds(1))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.code == code)
    }

    @Test func quotesTheServersWordsOnOneLine() async throws {
        let body = #"{"error_code": "INVALID_PARAMETER_VALUE", "message": "bad\n\u001b[31m  name\u202e"}"#
        let double = ClientDouble(ExchangeDouble(.answer(400, body)))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.message == #"the server answered 400: bad \u{1b}[31m name\u{202e}"#)
        #expect(failure?.apiCode == "INVALID_PARAMETER_VALUE")
    }

    @Test func quotesNoMoreThanALittle() async throws {
        let double = ClientDouble(ExchangeDouble(.answer(400, String(repeating: "x", count: 100_000))))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(try #require(failure).message.count < 400)
    }

    @Test func readsTheErrorsOfOAuth() async throws {
        let body = #"{"error": "invalid_client", "error_description": "Client authentication failed"}"#
        let double = ClientDouble(ExchangeDouble(.answer(401, body)))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.apiCode == "invalid_client")
        #expect(failure?.message == "the server answered 401: Client authentication failed")
    }

    // MARK: - What is about credentials

    @Test(arguments: [
        #"bob:Pass"wo rd\Ge/heim+77"#, #"Pass"wo rd\Ge/heim+77"#, #"Pass\"wo rd\\Ge\/heim+77"#,
        #"Pass\"wo rd\\Ge/heim+77"#, "Pass%22wo%20rd%5CGe%2Fheim%2B77",
        "Ym9iOlBhc3Mid28gcmRcR2UvaGVpbSs3Nw==", "Pass%22wo%20rd%5cGe/heim%2b77",
        #"Pass&quot;wo rd\Ge/heim+77"#, #"PASS"WO RD\GE/HEIM+77"#, #"Pass\\\"wo rd\\\\Ge\\\/heim+77"#,
        #"Pass\u0022wo rd\u005CGe/heim\u002B77"#, "Pass%2522wo%2520rd%255CGe%252Fheim%252B77",
        #"\120ass\042wo\040rd\\Ge/heim+\067\067"#, "Pass=22wo=20rd=5CGe=2Fheim=2B77",
        "Pass%22wo+rd%5CGe%2Fheim%2B77", "UGFzcyJ3byByZFxHZS9oZWltKzc3",
    ])
    func hidesCredentialsHoweverTheServerSpellsThem(_ echo: String) {
        let header = Secret("Basic Ym9iOlBhc3Mid28gcmRcR2UvaGVpbSs3Nw==")
        let shown = TextExcerpt.of("no entry for <\(echo)>", hiding: [header])
        #expect(shown == "no entry for <•••>")
    }

    @Test(arguments: ["a&#x27;b&lt;c&amp;d", "a&#39;b&lt;c&amp;d"])
    func hidesCredentialsInAPage(_ echo: String) {
        #expect(TextExcerpt.of("<p>\(echo)</p>", hiding: [Secret("Bearer a'b<c&d")]) == "<p>•••</p>")
    }

    @Test(arguments: ["a%4", "a\\u00", "a&#", "a\\", "a%", "a&amp", "ab%26c\\u00"])
    func showsWhatEndsWithinAnEscape(_ text: String) {
        #expect(TextExcerpt.of(text, hiding: [Secret("ab&cd\\e%f")]) == text)
    }

    @Test func showsAWholeTextThatEndsLikeASecretBegins() {
        #expect(TextExcerpt.of("no token", hiding: [Secret("Bearer token-0")]) == "no token")
    }

    /// Only the beginning of a long answer is looked at.
    @Test(arguments: 0...14)
    func hidesWhatIsLeftOfACredentialThatWasCutOff(_ length: Int) async throws {
        let echo = String(repeating: " ", count: 4096 - length) + "Bearer token-0"
        let double = ClientDouble(ExchangeDouble(.answer(400, echo)), authorizer: Tokens())
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.message.contains("toke") == false)
    }

    @Test(arguments: ["null", "[]", #""Please sign in""#, "1", ""])
    func aWriteIsNotDoneBecauseSomethingWasAnswered(_ body: String) async throws {
        let double = ClientDouble(ExchangeDouble(.answer(200, body)))
        let request = HTTPRequest(.post, try HTTPURL("https://registry.example/api"))
        let failure = await #expect(throws: HTTPError.self) {
            try await double.client.send(request, as: Acknowledgement.self)
        }
        #expect(failure?.outcomeIsUnknown == true)
    }

    @Test func aServerThatKnowsItselfByAnotherNameIsNoMatterOfPermissions() async throws {
        let refusal = "Invalid Host header - possible DNS rebinding attack detected"
        let double = ClientDouble(ExchangeDouble(.answer(403, refusal)))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.code == .wrongService)
        #expect(failure?.hint == "add registry.example to the server's --allowed-hosts")
    }

    @Test func showsNothingOfAnAnswerThatBringsASecret() async throws {
        var request = HTTPRequest(.get, try HTTPURL("https://workspace.example/token"))
        request.isConfidential = true
        request.secrets = [Secret("form-secret")]
        for (answer, kept) in [
            (ExchangeDouble.Answer.answer(200, #"{"access_token": "hidden""#), "25 bytes, not shown"),
            (.answer(400, #"{"error_description": "not form-secret"}"#), "not •••"),
            (.answer(500, "form-secret failed"), "••• failed"),
        ] {
            let double = ClientDouble(ExchangeDouble(answer))
            let failure = await #expect(throws: HTTPError.self) {
                try await double.client.send(request, as: Thing.self)
            }
            let message = try #require(failure?.message)
            #expect(message.contains(kept))
            #expect(!message.contains("hidden") && !message.contains("form-secret"))
        }
    }

    @Test func asksNobodyInPlainTextWhereSecretsGo() async throws {
        var request = HTTPRequest(.get, try HTTPURL("http://workspace.example/oidc"))
        request.isConfidential = true
        let double = ClientDouble(ExchangeDouble(.answer(200, #"{"value": 1}"#)))
        let failure = await #expect(throws: HTTPError.self) {
            try await double.client.send(request, as: Thing.self)
        }
        #expect(failure?.code == .invalidAddress)
        #expect(double.exchange.sent.isEmpty)
        let allowed = ClientDouble(ExchangeDouble(.answer(200, #"{"value": 1}"#)), allowsInsecure: true)
        #expect(try await allowed.client.send(request, as: Thing.self).value == 1)
    }
}
