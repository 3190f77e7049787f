import Prompts
import Testing

@Suite struct AliasDriftTests {
    private func entry(_ alias: String, _ from: Int?, _ to: Int?, _ at: String) -> AliasLog.Entry {
        AliasLog.Entry(alias: alias, from: from, to: to, at: at, by: "ann")
    }

    /// Only the last move of each alias counts.
    @Test func driftIsWhatSomethingElseMoved() {
        let log = AliasLog(entries: [
            entry("production", 2, 3, "t3"), entry("staging", 1, nil, "t2"), entry("production", 1, 2, "t1"),
            entry("old", nil, 1, "t0"),
        ])
        var found = entry("found", 1, 2, "t4")
        (found.by, found.foundAt) = (nil, "t4")
        #expect(
            AliasLog(entries: [found]).drift(of: ["found": 1])
                == [AliasDrift(alias: "found", left: 2, place: 1, at: "t4", by: nil, isFoundThere: true)])
        #expect(log.drift(of: ["production": 3, "old": 1]) == [])
        #expect(
            log.drift(of: ["production": 2, "staging": 1, "others": 9])
                == [
                    AliasDrift(alias: "old", left: 1, place: nil, at: "t0", by: "ann", isUndone: true),
                    AliasDrift(alias: "production", left: 3, place: 2, at: "t3", by: "ann", isUndone: true),
                    AliasDrift(alias: "staging", left: nil, place: 1, at: "t2", by: "ann", isUndone: true),
                ])
    }
}
