import ServerFixtures
import Testing

@testable import HTTP

@Suite struct CurlExchangeTests {
    private func exchange(_ change: (inout TransportOptions) -> Void = { _ in }) throws -> CurlExchange {
        var options = TransportOptions()
        // However long a busy machine keeps a test waiting.
        options.idleSeconds = 600
        change(&options)
        return try CurlExchange(options)
    }

    private func send(
        _ exchange: CurlExchange, _ url: String, _ method: HTTPRequest.Method = .get, body: String? = nil,
        credentials: [CredentialHeader] = [], within timeout: Duration = .seconds(20)
    ) async throws -> HTTPResponse {
        let request = HTTPRequest(
            method, try HTTPURL(url), headers: ["X-Test": "yes"], credentials: credentials,
            body: body.map { Array($0.utf8) })
        return try await exchange.send(request, within: timeout)
    }

    @Test func sendsWhatIsAskedAndReadsWhatIsAnswered() async throws {
        let server = try LoopbackServer { _, _ in
            .send("HTTP/1.1 418 Teapot\r\nRetry-AFTER: 3\r\nX-Empty:\r\nContent-Length: 4\r\n\r\nbody")
        }
        let credentials = [CredentialHeader("Authorization", Secret("Bearer t"))]
        let answer = try await send(
            try exchange(), server.url("/a%20b?x=1"), .patch, body: #"{"é": 1}"#, credentials: credentials)
        #expect(answer.status == 418)
        #expect(answer.header("Retry-After") == "3")
        #expect(answer.header("x-empty") == "")
        #expect(answer.body == Array("body".utf8))
        let request = try #require(server.requests.first)
        #expect(request.head.hasPrefix("PATCH /a%20b?x=1 HTTP/1.1\r\n"))
        for header in [
            "X-Test: yes", "Authorization: Bearer t", "Content-Type: application/json", "Content-Length: 9",
            "User-Agent: promptreg",
        ] {
            #expect(request.head.contains(header))
        }
        #expect(!request.head.contains("Expect"))
        #expect(request.body == #"{"é": 1}"#)
    }

    @Test(arguments: [HTTPRequest.Method.get, .post, .patch, .delete])
    func usesTheMethodWithAndWithoutABody(_ method: HTTPRequest.Method) async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}") }
        let exchange = try exchange()
        _ = try await send(exchange, server.url(), method)
        _ = try await send(exchange, server.url(), method, body: "{}")
        #expect(
            server.requests.map { $0.head.prefix { $0 != " " } }
                == Array(repeating: method.rawValue[...], count: 2))
        #expect(server.requests.map(\.body) == ["", "{}"])
    }

    @Test func aHeaderCannotBringAnother() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}") }
        let request = HTTPRequest(.get, try HTTPURL(server.url()), headers: ["X-A": "1\r\nX-B: 2"])
        _ = try await exchange().send(request, within: .seconds(20))
        #expect(server.requests.first?.head.contains("X-B") == false)
    }

    @Test func readsChunkedAndCompressedAnswers() async throws {
        // gzip of {"value": 1}
        let gzip: [UInt8] = [
            31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 75, 204, 41, 77, 85, 178, 82, 48, 172, 5, 0, 88, 73,
            172, 213, 12, 0, 0, 0,
        ]
        let server = try LoopbackServer { _, index in
            if index == 0 {
                return .send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            }
            let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(gzip.count)\r\n\r\n"
            return .sendAndClose(Array(head.utf8) + gzip)
        }
        let exchange = try exchange()
        #expect(try await send(exchange, server.url()).body == Array("abcde".utf8))
        #expect(try await send(exchange, server.url()).body == Array(#"{"value": 1}"#.utf8))
        #expect(server.requests.last?.head.lowercased().contains("accept-encoding: ") == true)
    }

    @Test func keepsConnectionsWithoutWaitingOnThem() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}") }
        let exchange = try exchange()
        for _ in 0..<3 { _ = try await send(exchange, server.url(), .post, body: "{}") }
        #expect(server.requests.map(\.connection) == [0, 0, 0])
    }

    @Test func worksOnManyAtATime() async throws {
        let server = try LoopbackServer { request, _ in LoopbackServer.answer(request.body) }
        let exchange = try exchange()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let answer = try await send(exchange, server.url(), .post, body: "\(number)")
                    #expect(answer.body == Array("\(number)".utf8))
                }
            }
            try await group.waitForAll()
        }
        #expect(server.requests.count == 50)
    }

    // MARK: - Failures

    @Test func neverRepeatsAWriteByItself() async throws {
        // The kept connection is closed when the second request has been read: it may have taken effect.
        let server = try LoopbackServer { _, index in index == 1 ? .close : LoopbackServer.answer("{}") }
        let exchange = try exchange()
        _ = try await send(exchange, server.url(), .post, body: "{}")
        #expect(await kind { try await send(exchange, server.url(), .post, body: "{}") } == .connectionLost)
        #expect(server.requests.count == 2)
        #expect(server.requests.map(\.connection) == [0, 0])
    }

    @Test func sendsAWriteWithoutABodyOnAConnectionOfItsOwn() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}") }
        let exchange = try exchange()
        for _ in 0..<2 { _ = try await send(exchange, server.url(), .delete) }
        #expect(server.requests.map(\.connection) == [0, 1])
    }

    private func kind(_ body: () async throws -> HTTPResponse) async -> TransportError.Kind? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? TransportError)?.kind
        }
    }

    @Test(arguments: [
        (LoopbackServer.Reaction.close, TransportError.Kind.connectionLost),
        (.sendAndClose(Array("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort".utf8)), .connectionLost),
        (
            .sendAndClose(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nx".utf8)),
            .connectionLost
        ),
        (.sendAndClose(Array("SSH-2.0-OpenSSH\r\n".utf8)), .other), (.hang, .timedOut),
    ])
    func tellsHowAnAnswerWasLost(_ reaction: LoopbackServer.Reaction, _ expected: TransportError.Kind)
        async throws
    {
        let server = try LoopbackServer { _, _ in reaction }
        let exchange = try exchange()
        // On a busy machine only what hangs may run out of time.
        let limit: Duration = expected == .timedOut ? .milliseconds(300) : .seconds(60)
        let kind = await kind { try await send(exchange, server.url(), within: limit) }
        #expect(kind == expected)
    }

    @Test func tellsThatNothingListens() async throws {
        let port = try LoopbackServer { _, _ in .close }.port
        let exchange = try exchange()
        #expect(await kind { try await send(exchange, "http://127.0.0.1:\(port)/") } == .couldNotConnect)
        #expect(await kind { try await send(exchange, "http://does-not-exist.invalid/") } == .unknownHost)
    }

    @Test func takesNoMoreThanItMay() async throws {
        let server = try LoopbackServer { _, _ in
            LoopbackServer.answer(String(repeating: "x", count: 100_000))
        }
        let exchange = try exchange { $0.maximumAnswer = 50_000 }
        #expect(await kind { try await send(exchange, server.url()) } == .tooLarge)
    }

    /// Answers that are in use count, too; those that are not make room again.
    @Test func answersTogetherTakeNoMoreThanTheyMay() async throws {
        let server = try LoopbackServer { _, _ in
            LoopbackServer.answer(String(repeating: "x", count: 100_000))
        }
        let exchange = try exchange { $0.maximumTogether = 250_000 }
        for _ in 0..<3 {
            let kept = [try await send(exchange, server.url()), try await send(exchange, server.url())]
            #expect(await kind { try await send(exchange, server.url()) } == .tooLarge)
            #expect(kept.map(\.body.count) == [100_000, 100_000])
        }
    }

    @Test func aFloodOfHeadersIsRefused() async throws {
        let flood = (0..<5000).map { "X-\($0): \(String(repeating: "x", count: 90))\r\n" }.joined()
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}", flood) }
        let exchange = try exchange()
        #expect(await kind { try await send(exchange, server.url()) } == .tooLarge)
    }

    /// libcurl has a limit of its own for each line.
    @Test func aHeaderWithoutEndIsRefusedAndNotForALackOfMemory() async throws {
        let flood = "X-Flood: \(String(repeating: "x", count: 1 << 20))\r\n"
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}", flood) }
        let exchange = try exchange()
        #expect(await kind { try await send(exchange, server.url()) } == .tooLarge)
    }

    /// An old server, or a proxy, ends its answer with the connection.
    @Test(arguments: ["1.0", "0.9"]) func understandsOldServers(_ version: String) async throws {
        let server = try LoopbackServer { _, _ in
            .sendAndClose(Array((version == "1.0" ? "HTTP/1.0 200 OK\r\n\r\n" : "").utf8) + Array("{}".utf8))
        }
        let exchange = try exchange()
        if version == "1.0" {
            #expect(try await send(exchange, server.url(), .post, body: "{}").body == Array("{}".utf8))
            #expect(try await send(exchange, server.url()).body == Array("{}".utf8))
        } else {
            #expect(await kind { try await send(exchange, server.url()) } == .other)
        }
    }

    @Test func talksNoTLSToAServerWithout() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}") }
        let url = "https://127.0.0.1:\(server.port)/"
        let exchange = try exchange()
        #expect(await kind { try await send(exchange, url) } == .withoutTLS)
    }

    /// As a server does that is about to end, or one that has too much to do.
    @Test func aHandshakeThatIsBrokenOffIsNoMatterOfTrust() async throws {
        let server = try LoopbackServer { _, _ in .close }
        let url = "https://127.0.0.1:\(server.port)/"
        let exchange = try exchange()
        #expect(await kind { try await send(exchange, url) } == .couldNotConnect)
        #expect(server.requests.map(\.head) == ["TLS"])
    }

    @Test func aMissingAuthorityIsToldAsSuch() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}") }
        let exchange = try exchange { $0.authorities = "/does/not/exist.pem" }
        let url = "https://127.0.0.1:\(server.port)/"
        #expect(await kind { try await send(exchange, url) } == .untrusted)
    }

    @Test func endsAtOnceWhenItsTaskIsCancelled() async throws {
        let server = try LoopbackServer { _, _ in .hang }
        let exchange = try exchange()
        let task = Task { await kind { try await send(exchange, server.url(), within: .seconds(600)) } }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func doesNotFollowRedirectionsByItself() async throws {
        let server = try LoopbackServer { _, _ in
            .send("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        }
        #expect(try await send(try exchange(), server.url()).status == 302)
        #expect(server.requests.count == 1)
    }

    // MARK: - What the environment says

    @Test func theEnvironmentNamesAuthorities() {
        let environment = ["SSL_CERT_FILE": "/c", "CURL_CA_BUNDLE": "/b", "REQUESTS_CA_BUNDLE": ""]
        #expect(TransportOptions(environment: environment).authorities == "/b")
        #expect(TransportOptions(environment: [:]).authorities == nil)
    }

    @Test(
        arguments: [
            ([:], nil, nil), (["https_proxy": "a", "HTTPS_PROXY": "b"], nil, "a"),
            (["HTTPS_PROXY": "b"], nil, "b"),
            (["HTTP_PROXY": "a", "https_proxy": ""], "a", nil),
            (["http_proxy": "a", "HTTP_PROXY": "b"], "a", nil),
            (["all_proxy": "c"], "c", "c"), (["ALL_PROXY": "c", "http_proxy": "a"], "a", "c"),
            (["HTTP_PROXY": "evil", "REQUEST_METHOD": "GET"], nil, nil),
        ] as [([String: String], String?, String?)])
    func theEnvironmentNamesProxies(_ environment: [String: String], _ http: String?, _ https: String?) throws
    {
        let options = TransportOptions(environment: environment)
        #expect(options.proxy(for: try HTTPURL("http://host")) == http.map(Secret.init))
        #expect(options.proxy(for: try HTTPURL("https://host")) == https.map(Secret.init))
        for url in ["http://127.0.0.1:5000", "https://localhost"] {
            #expect(options.proxy(for: try HTTPURL(url)) == nil)
        }
    }

    /// Hosts without a port are libcurl's to leave out.
    @Test(arguments: [
        ("http://host:5000", true), ("http://sub.host:5000", true), ("http://other.host:81", true),
        ("http://h.dotted:80", true), ("http://h.dotted", true), ("http://HOST:5000", true),
        ("http://host:5001", false), ("http://myhost:5000", false), ("https://h.dotted", false),
        ("http://host", false),
    ])
    func theEnvironmentNamesWhatNoProxyIsFor(_ url: String, _ isLeftOut: Bool) throws {
        let options = TransportOptions(environment: [
            "http_proxy": "p", "https_proxy": "p", "no_proxy": "host:5000, .host:81,.dotted:80 , *:x,:,",
            "NO_PROXY": "host:5001",
        ])
        #expect((options.proxy(for: try HTTPURL(url)) == nil) == isLeftOut)
    }

    @Test(arguments: [
        "http://me:hid/den@127.0.0.1:9", "http://me:hid den@127.0.0.1:9", "me:hid/den@127.0.0.1:9",
        "gopher://me:hidden@127.0.0.1:9", "http://me:hid#den@127.0.0.1:9", "http://:hid/den@127.0.0.1:9",
    ])
    func aProxyThatCannotBeUsedKeepsItsPassword(_ proxy: String) async throws {
        let exchange = try exchange { $0.proxies = [.http: Secret(proxy)] }
        let error = await #expect(throws: TransportError.self) {
            try await send(exchange, "http://registry.invalid/a")
        }
        let detail = try #require(error?.detail)
        #expect(!detail.contains("hid") && !detail.contains("den@"))
    }

    @Test(arguments: [
        ("403 Forbidden", TransportError.Kind.refusedByProxy),
        ("407 Proxy Authentication Required", .refusedByProxy), ("502 Bad Gateway", .couldNotConnect),
        ("429 Too Many Requests", .couldNotConnect),
    ])
    func tellsThatAProxyRefuses(_ status: String, _ expected: TransportError.Kind) async throws {
        let proxy = try LoopbackServer { _, _ in .send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n") }
        let exchange = try exchange { $0.proxies = [.https: Secret(proxy.url())] }
        let error = await #expect(throws: TransportError.self) {
            try await send(exchange, "https://registry.invalid/a")
        }
        #expect(error?.kind == expected)
        #expect(error?.detail.contains("the environment names a proxy") == true)
    }

    @Test func asksAProxyForWhatIsElsewhere() async throws {
        let proxy = try LoopbackServer { request, _ in
            request.head.hasPrefix("CONNECT")
                ? .send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") : LoopbackServer.answer("{}")
        }
        let server = try LoopbackServer { _, _ in LoopbackServer.answer("{}") }
        let exchange = try exchange {
            $0.proxies = [
                .http: Secret("http://me:hidden@127.0.0.1:\(proxy.port)"), .https: Secret(proxy.url()),
            ]
        }
        #expect(try await send(exchange, "http://registry.invalid/a?b=c").status == 200)
        let head = try #require(proxy.requests.first?.head)
        #expect(head.hasPrefix("GET http://registry.invalid/a?b=c HTTP/1.1\r\n"))
        #expect(head.contains("Proxy-Authorization: Basic bWU6aGlkZGVu"))
        #expect(try await send(exchange, server.url()).status == 200)
        #expect(server.requests.first?.head.contains("Proxy-Authorization") == false)
        // Over TLS it gets to see the host, and no credential.
        let credentials = [CredentialHeader("Authorization", Secret("Bearer hidden"))]
        let kind = await kind {
            try await send(exchange, "https://registry.invalid/a", credentials: credentials)
        }
        #expect(kind == .refusedByProxy)
        #expect(proxy.requests.last?.head.hasPrefix("CONNECT registry.invalid:443 HTTP/1.1\r\n") == true)
        #expect(proxy.requests.allSatisfy { !$0.head.contains("Bearer") })
    }
}
