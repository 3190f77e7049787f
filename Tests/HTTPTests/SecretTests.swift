import Testing

@testable import HTTP

@Suite struct SecretTests {
    private let secret = Secret("hunter2")

    @Test func hidesItsTextHoweverItIsPrinted() throws {
        var dumped = ""
        dump(["wrapped": [secret]], to: &dumped)
        let header = CredentialHeader("Authorization", secret)
        let request = HTTPRequest(.post, try url, credentials: [header], body: Array("hunter2".utf8))
        var dumpedRequest = ""
        dump(request, to: &dumpedRequest)
        let printed = [
            "\(secret)", String(describing: secret), String(reflecting: secret), dumped, dumpedRequest,
            "\(Optional(secret) as Any)", "\(request)", String(reflecting: [request]),
            "\(header)",
        ]
        for text in printed { #expect(!text.contains("hunter2")) }
        #expect("\(secret)" == "•••")
    }

    @Test func givesItsTextToWhoAsks() {
        #expect(secret.reveal() == "hunter2")
        #expect(secret == Secret("hunter2"))
        #expect(secret != Secret("hunter3"))
    }

    private var url: HTTPURL {
        get throws { try HTTPURL("https://registry.example/api?token=hunter2") }
    }
}
