import ServerFixtures
import Synchronization
import Testing

@testable import HTTP

@Suite struct HTTPAttemptTests {
    @Test func everyAttemptIsToldOfWithoutWhatCouldBeSecret() async throws {
        let told = Mutex<[HTTPAttempt]>([])
        let exchange = ExchangeDouble(.broken(.timedOut), .answer(503), .answer(200, #"{"value": 1}"#))
            .observed(by: { attempt in told.withLock { $0.append(attempt) } })
        let client = HTTPClient(
            exchange: exchange, authorizer: FixedAuthorizer([CredentialHeader("A", Secret("hush"))]),
            service: ServiceDescription(name: "the server", credentialsHint: "log in"),
            clock: ClockDouble().clock)
        let url = try HTTPURL("https://registry.example/api?token=hush")
        var request = HTTPRequest(.post, url, body: Array("hush".utf8))
        request.subject = "a.b.c"
        _ = try await client.send(request, as: Thing.self)
        let attempts = told.withLock { $0 }
        #expect(attempts.map(\.status) == [nil, 503, 200])
        #expect(
            attempts.allSatisfy {
                $0.method == "POST" && $0.path == "/api" && $0.subject == "a.b.c" && $0.duration >= .zero
            })
        #expect(!"\(attempts)".contains("hush"))
    }

    @Test func withoutAnObserverNothingIsPutInBetween() {
        #expect(ExchangeDouble(.answer(200)).observed(by: nil) is ExchangeDouble)
    }
}
