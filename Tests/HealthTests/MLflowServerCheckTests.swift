import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import Health
@testable import MLflowServer

/// The checks of servers, where a real one cannot be made to do it; the rest is with the conformance tests.
@Suite struct MLflowServerCheckTests {
    private typealias Results = [HealthCheckResult.Check: HealthCheckResult]

    private func check(
        _ exchange: ExchangeDouble, url: String = "https://registry.example/mlflow",
        environment: [String: String] = [:], time: ClockDouble = ClockDouble(), total: Duration = .seconds(30)
    ) async throws -> Results {
        let check = try MLflowServerCheck(
            url: url, environment: environment,
            settings: HTTPSettings(
                deadline: RunDeadline(total: total, clock: time.clock), clock: time.clock,
                connect: exchange.connect))
        let results = await check.run(for: .unknown)
        return Dictionary(uniqueKeysWithValues: results.map { ($0.check, $0) })
    }

    private func server(_ headers: [String: String] = [:]) -> ExchangeDouble {
        ExchangeDouble { request, _ in
            .answer(200, request.url.path.hasSuffix("/version") ? "3.17.2\n" : "{}", headers)
        }
    }

    @Test func asksForTheVersionWithoutCredentialsAndReadsWithThem() async throws {
        let server = server()
        let environment = ["MLFLOW_TRACKING_TOKEN": "t", "MLFLOW_WORKSPACE": "team"]
        let found = try await check(server, environment: environment)
        #expect(found[.server] == .ok(.server, "MLflow 3.17.2"))
        #expect(
            server.sent.map(\.description) == [
                "GET /mlflow/version", "GET /mlflow/api/2.0/mlflow/registered-models/search",
            ])
        #expect(server.sent.map(\.credentials.count) == [0, 1])
        #expect(server.sent.allSatisfy { $0.headers["X-MLFLOW-WORKSPACE"] == "team" })
    }

    @Test(arguments: [
        (TransportError.Kind.timedOut, "the server did not answer"),
        (TransportError.Kind.couldNotConnect, "no request could be sent"),
    ])
    func whatIsSkippedSaysWhy(kind: TransportError.Kind, reason: String) async throws {
        let found = try await check(ExchangeDouble(.broken(kind)))
        #expect(found[.reachability]?.status == .fail)
        #expect(found[.server] == .skip(.server, reason) && found[.reading] == .skip(.reading, reason))
    }

    /// A service of another kind may answer all requests alike, also one for what is not there.
    @Test func aServiceThatAnswersAnythingIsNone() async throws {
        let found = try await check(ExchangeDouble(.answer(200, #"{"status": "ok"}"#)))
        #expect(found[.server]?.code == .notARegistry)
        #expect(found[.server]?.message.contains("is no MLflow server") == true)
        #expect(found[.reading]?.status == .skip && found[.authentication]?.status == .skip)
        let silent = ExchangeDouble { request, _ in
            request.url.path.hasSuffix("/search")
                ? .answer(200, "{}") : .answer(404, #"{"error_code": "RESOURCE_DOES_NOT_EXIST"}"#)
        }
        #expect(try await check(silent)[.reading]?.status == .ok)
    }

    /// MLflow answers `/version` whatever host it is asked as, and refuses everything else.
    @Test func aServerThatRefusesTheHostCannotBeUsed() async throws {
        let found = try await check(
            ExchangeDouble { request, _ in
                request.url.path.hasSuffix("/version")
                    ? .answer(200, "3.17.2")
                    : .answer(403, "Invalid Host header - possible DNS rebinding attack detected")
            })
        #expect(found[.server]?.status == .ok && found[.authentication]?.status == .skip)
        #expect(found[.reading]?.status == .fail)
        #expect(found[.reading]?.hint?.contains("--allowed-hosts") == true)
    }

    @Test func credentialsDoNotCrossANetworkInPlainText() async throws {
        let server = server()
        let environment = ["MLFLOW_TRACKING_TOKEN": "t"]
        let found = try await check(server, url: "http://registry.example", environment: environment)
        #expect(found[.authentication]?.code == .invalidAddress)
        #expect(found[.authentication]?.hint?.contains("allowsInsecureHTTP") == true)
        #expect(found[.reading]?.status == .skip && found[.reachability]?.status == .ok)
        #expect(server.sent.allSatisfy { $0.credentials.isEmpty })
    }

    @Test func asksAgainWhereThatMayHelp() async throws {
        let server = ExchangeDouble(
            .answer(503, "", ["Retry-After": "2"]), .broken(.connectionLost), .answer(200, "3.10.0"))
        let time = ClockDouble()
        let found = try await check(server, time: time)
        #expect(found[.reachability]?.status == .ok && found[.server]?.message == "MLflow 3.10.0")
        #expect((time.slept.first ?? .zero) >= .seconds(2))
    }

    @Test(arguments: [
        (ExchangeDouble.Answer.broken(.couldNotConnect), 2), (.broken(.timedOut), 3),
        (.broken(.untrusted), 1),
        (.answer(502, "<html>"), 3),
    ])
    func givesUpSoon(answer: ExchangeDouble.Answer, attempts: Int) async throws {
        let server = ExchangeDouble(answer)
        let found = try await check(server)
        #expect(found[.reachability]?.code == .unreachable && found[.reachability]?.hint != nil)
        #expect(server.sent.count == attempts)
    }

    @Test func waitsForNoServerLongerThanItMay() async throws {
        let server = ExchangeDouble(.answer(429, "", ["Retry-After": "60"]))
        let found = try await check(server, total: .seconds(30))
        #expect(found[.reachability]?.code == .unreachable && server.sent.count == 1)
    }

    /// The double's clock stands at 2001-09-09 01:46:40.
    @Test(arguments: [
        ("Sun, 09 Sep 2001 01:46:40 GMT", nil, HealthCheckResult.Status.ok, "differ by 0 s"),
        ("Sun, 09 Sep 2001 01:45:40 GMT", nil, .ok, "differ by 60 s"),
        ("Sun, 09 Sep 2001 01:45:39 GMT", nil, .warn, "61 s ahead of"),
        ("Sun, 09 Sep 2001 01:51:40 GMT", nil, .warn, "300 s behind"),
        ("Sun, 09 Sep 2001 01:51:41 GMT", nil, .fail, "5 min behind"),
        ("Sun, 09 Sep 2001 04:46:40 GMT", nil, .fail, "3 h behind"),
        ("Sun, 09 Sep 2001 01:36:40 GMT", "600", .ok, "differ by 0 s"),
        ("Sun, 09 Sep 2001 01:36:40 GMT", "-600", .fail, "10 min ahead of"),
        ("now", nil, .skip, "has no date"),
    ])
    func comparesClocks(
        date: String, age: String?, status: HealthCheckResult.Status, words: String
    ) async throws {
        var headers = ["date": date]
        headers["Age"] = age
        let clock = try #require(try await check(server(headers))[.clock])
        #expect(clock.status == status && clock.message.contains(words))
    }

    @Test(arguments: [
        ("2.20.4", HealthCheckResult.Status.fail, "does not support prompts", "2.21 or later"),
        ("2.22.5", .warn, "5000 characters in a text or tag, shows chat prompts", "3.9 or later"),
        ("3.8.1", .warn, "3.8.1 shows model_config as a tag", "3.9 or later"),
        ("3.17.2.dev0", .ok, "MLflow 3.17.2.dev0", ""),
    ])
    func aVersionsLimitsAreTold(
        text: String, status: HealthCheckResult.Status, words: String, hint: String
    ) throws {
        let version = try #require(MLflowVersion(HTTPResponse(status: 200, body: Array(text.utf8))))
        let result = HealthCheckResult.version(version)
        #expect(result.status == status && result.message.contains(words))
        #expect(result.hint?.contains(hint) ?? hint.isEmpty)
    }

    @Test func aServerWithAnotherAddressIsNamed() async throws {
        let server = ExchangeDouble { request, _ in
            request.url.path == "/version" ? .answer(200, "3.18.0") : .answer(404, "<html>")
        }
        let found = try await check(server)
        #expect(found[.server]?.code == .notARegistry)
        #expect(found[.server]?.hint == "use https://registry.example as the registry's address")
    }
}
