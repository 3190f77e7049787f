import ServerFixtures
import Synchronization
import Testing

@testable import HTTP

@Suite struct HTTPAttemptTests {
    @Test func everyAttemptIsShownWithoutWhatCouldBeSecret() async throws {
        let shown = Mutex<[HTTPAttempt]>([])
        let double = ClientDouble(
            ExchangeDouble(.broken(.timedOut), .answer(503), .answer(200, #"{"value": 1}"#)),
            authorizer: FixedAuthorizer([CredentialHeader("A", Secret("hush"))]),
            onAttempt: { attempt in shown.withLock { $0.append(attempt) } })
        let url = try HTTPURL("https://registry.example/api?token=hush")
        var request = HTTPRequest(.post, url, body: Array("hush".utf8))
        request.subject = "a.b.c"
        _ = try await double.client.send(request, as: Thing.self)
        let attempts = shown.withLock { $0 }
        #expect(attempts.map(\.status) == [nil, 503, 200])
        #expect(
            attempts.allSatisfy {
                $0.method == "POST" && $0.path == "/api" && $0.subject == "a.b.c" && $0.duration >= .zero
            })
        #expect(!"\(attempts)".contains("hush"))
    }
}
