import Testing

@testable import Prompts

@Suite struct AliasLogTests {
    private func log(_ moves: [(String, Int?, Int?)]) -> AliasLog {
        var log = AliasLog()
        for (alias, from, to) in moves {
            log.add([AliasLog.Entry(alias: alias, from: from, to: to, at: "2026-01-02T03:04:05Z")])
        }
        return log
    }

    @Test func theNewestMoveComesFirstAndIsReadBack() throws {
        let log = log([("production", 1, 2), ("staging", nil, 3), ("production", 2, 3)])
        let text = log.text(limit: 5000)
        #expect(text.hasPrefix(#"[{"alias":"production","at":"2026-01-02T03:04:05Z","by":null,"#))
        let prompt = ObservedPrompt(name: "a", tags: [AliasLog.tag: text])
        #expect(try AliasLog(of: prompt) == log)
        #expect(try AliasLog(of: ObservedPrompt(name: "a")).entries == [])
        #expect(log.entries.map(\.to) == [3, 3, 2])
    }

    @Test func aMoveThatWasNotMadeIsNotNotedTwice() {
        var log = log([("production", 1, 2), ("staging", 1, 2)])
        log.add([AliasLog.Entry(alias: "production", from: 1, to: 2, at: "later")])
        #expect(log.entries.map(\.alias) == ["production", "staging"] && log.entries[0].at == "later")
    }

    private func move(_ from: Int?, _ to: Int?, at time: String) -> AliasLog.Entry {
        AliasLog.Entry(alias: "p", from: from, to: to, at: time, release: "release \(time)")
    }

    /// Something else may have moved the alias back in between.
    @Test func aMoveThatWasThereBeforeStays() {
        var log = AliasLog(entries: [move(1, 2, at: "t1")])
        #expect(log.add([move(1, 2, at: "t2")], after: { $0.at == "t1" }) == [])
        #expect(log.entries.map(\.at) == ["t2", "t1"])
        // A rollback takes it for one step, of the last time.
        #expect(log.steps(of: "p").map(\.version) == [1, 2])
        #expect(log.steps(of: "p").last?.at == "t2" && log.steps(of: "p").last?.release == "release t2")
        #expect(log.isUncertain(1, ["p": 2]) && !log.isUncertain(0, ["p": 2]))
        #expect(log.isUncertain(0, ["p": 1]) && !log.isUncertain(0, ["p": 3]))
    }

    /// What a run leaves that is killed again and again.
    @Test func movesThatNothingTellsToHaveBeenMadeDoNotFillTheJournal() {
        var log = AliasLog(entries: [move(1, 2, at: "t0")])
        for number in 1...10 { log.add([move(1, 2, at: "t\(number)")], after: { _ in true }) }
        #expect(log.entries.map(\.at) == ["t10", "t0"])
        // One that was made stays, whatever comes after it.
        log.markFound("p", at: "found")
        for number in 11...20 { log.add([move(1, 2, at: "t\(number)")], after: { _ in true }) }
        #expect(log.entries.map(\.at) == ["t20", "t10", "t0"])
        #expect(log.entries.indices.filter { log.isUncertain($0, ["p": 1]) } == [0, 2])
    }

    @Test func theOldestMovesMakeRoom() throws {
        let log = log((1...500).map { ("production", $0, $0 + 1) })
        let text = log.text(limit: 1000)
        #expect(text.unicodeScalars.count <= 1000)
        let kept = AliasLog(continuing: text).entries
        #expect(kept.count > 5 && kept == Array(log.entries.prefix(kept.count)))
        #expect(log.text(limit: 10) == "[]")
    }

    @Test func whatIsTooLongIsCutBetweenWords() {
        #expect(AliasLog.shortened("of the tests", to: 12) == "of the tests")
        #expect(AliasLog.shortened("of the tests", to: 11) == "of the…")
        #expect(AliasLog.shortened("a " + String(repeating: "b", count: 99), to: 20).count == 20)
        #expect(AliasLog.shortened(String(repeating: "é", count: 90)).count == 80)
    }

    @Test(arguments: [
        (71, "errors <= 1%: 2.5 % of 9 traces; latency_p95 <= +10%: 1.5 s after 1.2 s"),
        (70, "errors <= 1%: 2.5 % of 9 traces; 1 more in the report"),
        (52, "errors <= 1%: 2.5 % of … (the report has all)"),
        (40, "errors <= … (the report has all)"), (10, "… (the report has all)"),
    ])
    func noFigureOfAFindingIsCut(_ limit: Int, _ text: String) {
        let findings = ["errors <= 1%: 2.5 % of 9 traces", "latency_p95 <= +10%: 1.5 s after 1.2 s"]
        #expect(AliasLog.shortened(findings, to: limit) == text)
    }

    @Test func whatIsNoJournalIsToldOfAndBegunAnew() {
        let prompt = ObservedPrompt(name: "a", tags: [AliasLog.tag: "not json"])
        #expect { try AliasLog(of: prompt) } throws: { ($0 as? RegistryError)?.code == .corrupt }
        #expect(AliasLog(continuing: "not json") == AliasLog())
    }

    /// Rolling back twice goes back two steps, and never forward to what was rolled back.
    @Test(
        arguments: [
            ([], []),
            ([(1, 2, false)], [1, 2]),
            ([(1, 2, false), (2, 3, false)], [1, 2, 3]),
            ([(1, 2, false), (2, 3, false), (3, 2, true)], [1, 2]),
            ([(1, 2, false), (2, 3, false), (3, 2, true), (2, 1, true)], [1]),
            ([(1, 2, false), (2, 3, false), (3, 1, true)], [1]),
            ([(1, 2, false), (2, 1, true), (1, 3, false)], [1, 3]),
            // A promotion back to what was served before is a step of its own.
            ([(1, 2, false), (2, 1, false)], [1, 2, 1]),
            // Somebody else moved it from 2 to 7.
            ([(1, 2, false), (7, 8, false)], [1, 2, 7, 8]),
            ([(4, nil, false)], [4, nil]),
            ([(4, nil, false), (nil, 5, false)], [4, nil, 5]),
            // The moves that led to 45 have made room.
            ([(45, 44, true), (44, 43, true), (43, 50, false)], [43, 50]),
        ] as [([(Int?, Int?, Bool)], [Int?])])
    func stepsGoBack(moves: [(Int?, Int?, Bool)], versions: [Int?]) {
        var log = AliasLog()
        for (index, (from, to, isRollback)) in moves.enumerated() {
            log.add([AliasLog.Entry(alias: "p", from: from, to: to, at: "\(index)", isRollback: isRollback)])
            log.add([AliasLog.Entry(alias: "other", from: 5, to: 6, at: "\(index)")])
        }
        #expect(log.steps(of: "p").map(\.version) == versions)
    }
}
