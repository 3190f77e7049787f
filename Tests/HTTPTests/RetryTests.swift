import ServerFixtures
import Support
import Testing

@testable import HTTP

@Suite struct RetryTests {
    private static let good = ExchangeDouble.Answer.answer(200, #"{"value": 1}"#)

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func triesAgainAfterStatus(_ status: Int) async throws {
        let double = ClientDouble(ExchangeDouble(.answer(status), .answer(status), Self.good))
        #expect(try await double.get().value == 1)
        #expect(double.client.requestCount == 3)
        #expect(double.time.slept == [.milliseconds(250), .milliseconds(500)])
    }

    @Test(arguments: [400, 401, 403, 404, 405, 409, 413, 422, 501])
    func givesUpAtOnceAfterStatus(_ status: Int) async throws {
        let double = ClientDouble(ExchangeDouble(.answer(status), Self.good))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.status == status)
        #expect(double.client.requestCount == 1)
        #expect(double.time.slept.isEmpty)
    }

    @Test func givesUpAtOnceWhereTheServerHasWhatIsAskedForSwitchedOff() async throws {
        let refusal = ExchangeDouble.Answer.refusal(500, "FEATURE_DISABLED", "workspaces are not enabled")
        let double = ClientDouble(ExchangeDouble(refusal))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.code == .wrongService && failure?.hint == "switch it on")
        #expect(failure?.outcomeIsUnknown == false && double.client.requestCount == 1)
    }

    @Test(arguments: [
        (TransportError.Kind.couldNotConnect, 5), (.unknownHost, 5), (.timedOut, 8), (.connectionLost, 8),
        (.other, 8), (.untrusted, 1), (.tooLarge, 1), (.cancelled, 1), (.refusedRedirect, 1),
        (.refusedByProxy, 1),
    ])
    func triesAgainAfterBrokenTransport(_ kind: TransportError.Kind, _ attempts: Int) async throws {
        let double = ClientDouble(ExchangeDouble(.broken(kind)))
        await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(double.client.requestCount == attempts)
    }

    @Test func waitsTwiceAsLongEachTimeUpToTheCap() {
        let policy = RetryPolicy(
            base: .seconds(1), cap: .seconds(5), attempts: 100, random: { $0.upperBound })
        var failure = HTTPError(.failed, "no")
        failure.retry = .soon
        let delays = (1...6).map { policy.delay(afterAttempt: $0, failure) }
        #expect(delays == [1, 2, 4, 5, 5, 5].map { .seconds($0) })
        #expect(policy.delay(afterAttempt: 99, failure) == .seconds(5))
        #expect(policy.delay(afterAttempt: 100, failure) == nil)
    }

    @Test func drawsEachWaitFromZeroToTheLongest() {
        var failure = HTTPError(.failed, "no")
        failure.retry = .soon
        let least = RetryPolicy(random: { $0.lowerBound }).delay(afterAttempt: 4, failure)
        #expect(least == .zero)
        let policy = RetryPolicy()
        let delays = (0..<200).compactMap { _ in policy.delay(afterAttempt: 4, failure) }
        #expect(delays.allSatisfy { .zero...Duration.seconds(2) ~= $0 })
        #expect(Set(delays).count > 100)
    }

    @Test func believesAServerThatSaysWhenToComeBack() async throws {
        let exchange = ExchangeDouble(
            .answer(429, "", ["Retry-After": "7"]),
            .answer(503, "", ["retry-after": "Sun, 09 Sep 2001 01:46:50 GMT"]), Self.good)
        let double = ClientDouble(exchange)
        #expect(try await double.get().value == 1)
        #expect(double.time.slept == [.milliseconds(7250), .milliseconds(10250)])
    }

    @Test func goesOnAsLongAsAServerAsksToWait() async throws {
        let exchange = ExchangeDouble { _, index in
            index < 40 ? .answer(429, "", ["Retry-After": "1"]) : Self.good
        }
        let double = ClientDouble(exchange)
        #expect(try await double.get().value == 1)
        #expect(double.client.requestCount == 41)
    }

    @Test func doesNotWaitLongerThanTheRunLasts() async throws {
        let exchange = ExchangeDouble(.answer(429, "", ["Retry-After": "60"]), Self.good)
        let double = ClientDouble(exchange, total: .seconds(30))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.status == 429)
        #expect(failure?.message == "the server answered with status 429; it asks to wait 60 s")
        #expect(failure?.hint == "the time limit is 30 s; raise it with --timeout")
        #expect(double.time.slept.isEmpty)
    }

    @Test func givesAWriteAMomentMoreThanTheTimeThatIsLeft() async throws {
        let double = ClientDouble(ExchangeDouble(Self.good), total: .seconds(100))
        double.time.advance(by: .milliseconds(99_900))
        _ = try await double.post { () async throws(HTTPError) in nil }
        _ = try await double.get()
        #expect(double.exchange.givenTimes == [.seconds(2), .milliseconds(100)])
        double.time.advance(by: .milliseconds(100))
        await #expect(throws: HTTPError.self) {
            try await double.post { () async throws(HTTPError) in nil }
        }
        #expect(double.exchange.sent.count == 2)
    }

    @Test func givesAnAttemptNoMoreThanTheTimeThatIsLeft() async throws {
        let double = ClientDouble(
            ExchangeDouble(Self.good), total: .seconds(100)
        )
        _ = try await double.get()
        double.time.advance(by: .seconds(70))
        _ = try await double.get()
        #expect(double.exchange.givenTimes == [.seconds(60), .seconds(30)])
        double.time.advance(by: .seconds(30))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(
            failure
                == HTTPError(
                    .unreachable, "the run has exceeded its time limit",
                    hint: "the time limit is 100 s; raise it with --timeout"))
        #expect(double.client.requestCount == 2)
    }

    @Test func saysToALibrarysUserWhatHelpsThere() async throws {
        for (remedy, hint) in [("raise X.timeout", "; raise X.timeout"), (nil, "")] as [(String?, String)] {
            let double = ClientDouble(ExchangeDouble(.answer(429, "", ["Retry-After": "60"])))
            let result = await HTTPClient.within(.milliseconds(2_500), remedy: remedy) {
                await Result<Int, any Error> { try await double.get().value }
            }
            let failure = #expect(throws: HTTPError.self) { try result.get() }
            #expect(failure?.hint == "the time limit is 2500 ms" + hint)
        }
    }

    @Test func aDeadlineCanBeExtendedToClearUp() {
        let time = ClockDouble()
        let deadline = RunDeadline(total: .seconds(100), clock: time.clock)
        #expect(deadline.remaining == .seconds(100))
        time.advance(by: .seconds(145))
        #expect(deadline.remaining == .seconds(-45))
        deadline.extend(to: .seconds(60))
        #expect(deadline.remaining == .seconds(60))
        deadline.extend(to: .seconds(1))
        #expect(deadline.remaining == .seconds(60))
    }

    @Test func anInterruptionLeavesAMomentForWhatHasBegun() async {
        let time = ClockDouble()
        let deadline = RunDeadline(total: .seconds(100), clock: time.clock)
        deadline.interrupt()
        #expect(deadline.remaining <= .seconds(1))
        deadline.extend(to: .seconds(60))
        #expect(deadline.remaining <= .seconds(1))
    }

    /// A slow server gets time to move aliases back, as long as it answers writes; one that hangs does not.
    @Test(arguments: [(0.1, 1.0), (1.5, 6.0), (30, 10.0)])
    func eachWriteGivesTimeToCleanUp(_ slowest: Double, _ patience: Double) {
        let time = ClockDouble()
        let deadline = RunDeadline(total: .seconds(100), clock: time.clock)
        deadline.noteAnswer(after: .seconds(slowest), isWrite: false)
        deadline.interrupt()
        deadline.extend(to: .seconds(60))
        let given = deadline.remaining
        // The clock goes on by itself a little.
        #expect(given <= .seconds(patience) && given > .seconds(patience) - .seconds(1))
        time.advance(by: .milliseconds(500))
        let left = deadline.remaining
        deadline.noteAnswer(after: .milliseconds(1), isWrite: false)
        #expect(deadline.remaining == left)
        deadline.noteAnswer(after: .milliseconds(1), isWrite: true)
        #expect(deadline.remaining == .seconds(patience))
    }

    @Test func cleanupTakesNoLongerThanTheRunMay() {
        let time = ClockDouble()
        let deadline = RunDeadline(total: .seconds(2), clock: time.clock)
        time.advance(by: .seconds(3))
        deadline.extend(to: .seconds(60))
        #expect(deadline.remaining == .seconds(2))
    }

    @Test(arguments: [false, true]) func anInterruptionCutsOffWhatHangs(_ isWrite: Bool) async {
        let deadline = RunDeadline(total: .seconds(100))
        let isCut = await deadline.cuttingOff(isWrite: isWrite) {
            deadline.interrupt()
            do { try await Task.sleep(for: .seconds(60)) } catch { return true }
            return false
        }
        #expect(isCut)
    }

    /// Such as moving an alias back when the interruption is a second ago.
    @Test func anInterruptionCutsOffNothingThatBeginsLater() async {
        let deadline = RunDeadline(total: .seconds(100))
        deadline.interrupt()
        let isCut = await deadline.cuttingOff {
            do { try await Task.sleep(for: .milliseconds(1500)) } catch { return true }
            return false
        }
        #expect(!isCut)
    }

    /// Neither a server that asks to wait nor one that hangs holds up what can be done without it.
    @Test(arguments: [ExchangeDouble.Answer.answer(503, "{}", ["Retry-After": "20"]), .broken(.timedOut)])
    func whatCanBeDoneWithoutIsAskedForBriefly(_ answer: ExchangeDouble.Answer) async throws {
        let double = ClientDouble(ExchangeDouble(answer))
        let request = HTTPRequest(.get, try HTTPURL("https://registry.example/version"))
        #expect(await double.client.briefProbe(request) == nil)
        #expect(double.exchange.sent.count == 3 && double.time.slept.reduce(.zero, +) < .seconds(2))
        #expect(double.exchange.givenTimes.allSatisfy { $0 == .seconds(5) })
    }

    /// libcurl's own words for it say it a second time.
    @Test(arguments: [
        ("Failed to connect to h port 9 after 0 ms: Couldn't connect to server", ""),
        ("Failed to connect to h port 9 after 0 ms: Could not connect to server", ""),
        ("Failed to connect to h port 9 after 0 ms: Connection refused", ": Connection refused"),
    ])
    func saysOnceThatNothingAnswers(_ detail: String, _ told: String) async throws {
        let double = ClientDouble(ExchangeDouble(.broken(.couldNotConnect, detail)))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.message == "nothing answers at https://registry.example\(told) (5 attempts)")
    }

    @Test(arguments: [502, 504]) func aGatewaysAnswerIsNoMatterOfTimeAlone(_ status: Int) async throws {
        let double = ClientDouble(ExchangeDouble(.answer(status)))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(
            failure?.hint?.hasPrefix("a proxy before the server says so: check that the server runs") == true)
    }

    @Test func saysHowOftenItTried() async throws {
        let double = ClientDouble(ExchangeDouble(.broken(.couldNotConnect, "refused")))
        let failure = await #expect(throws: HTTPError.self) { try await double.get() }
        #expect(failure?.code == .unreachable)
        #expect(failure?.message == "nothing answers at https://registry.example: refused (5 attempts)")
        #expect(failure?.hint?.contains("that the server is up") == true)
    }
}

@Suite struct RetryAfterTests {
    @Test(arguments: [
        ("0", 0.0), ("120", 120), (" 3 ", 3), ("1.5", 1.5), ("-4", 0),
        ("Sun, 09 Sep 2001 01:46:45 GMT", 5), ("Sun, 09 Sep 2001 01:46:39 GMT", 0),
        ("Mon, 10 Sep 2001 01:46:40 GMT", 86400), ("Thu, 29 Feb 2024 00:00:00 GMT", 709_164_800),
        ("Sunday, 09-Sep-01 01:46:45 GMT", 5), ("Sun Sep  9 01:46:45 2001", 5),
        ("Thursday, 29-Feb-24 00:00:00 GMT", 709_164_800), ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
    ])
    func readsSecondsAndDates(_ value: String, _ seconds: Double) {
        #expect(RetryAfter.duration(of: value, now: 1_000_000_000) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "soon", "nan", "inf", "0x10", "Sun, 09 Sep 2001", "Sun, 32 Sep 2001 01:46:45 GMT",
        "Sun, 09 Foo 2001 01:46:45 GMT", "Sun Sep 9 01:46 2001", "Sun, -9 Sep 2001 01:46:45 GMT",
        "Sunday, 09-Sep 01:46:45 GMT",
        "Sun, 09 Sep 2001 25:00:00 GMT", "Sun, 09 Sep 2001 01:46:45 CET",
    ])
    func passesOverWhatItCannotRead(_ value: String) {
        #expect(RetryAfter.duration(of: value, now: 1_000_000_000) == nil)
    }
}
