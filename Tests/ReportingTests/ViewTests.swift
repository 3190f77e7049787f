import Foundation
import Prompts
import Support
import Testing

@testable import Reporting
@testable import Views

@Suite("What is registered, shown")
struct ViewTests {
    private let now = ViewFixture.now

    @Test("is listed as kept")
    func list() throws {
        let plain = TextStyle(color: false, now: now)
        try expectSnapshot(ViewFixture.listing(ofJob: false).text(plain), "list-registry.txt")
        try expectSnapshot(ViewFixture.listing(ofJob: true).text(plain), "list-job.txt")
        let colored = TextStyle(color: true, now: now)
        try expectSnapshot(ViewFixture.listing(ofJob: true).text(colored), "list-colour.txt")
        try expectSnapshot(ViewFixture.listing(ofJob: true).jsonText, "list-job.json")
    }

    @Test("lists nothing as nothing")
    func emptyList() {
        var listing = ViewFixture.listing(ofJob: true)
        listing.entries = []
        #expect(listing.text(TextStyle(color: false, now: now)) == "")
    }

    @Test("is shown with all versions as kept")
    func prompt() throws {
        try expectSnapshot(ViewFixture.details.text(TextStyle(color: false, now: now)), "show-prompt.txt")
        try expectSnapshot(ViewFixture.details.text(TextStyle(color: true, now: now)), "show-colour.txt")
        try expectSnapshot(ViewFixture.details.jsonText, "show-prompt.json")
    }

    @Test("says so where there is no version")
    func noVersion() {
        var details = ViewFixture.details
        details.versions = []
        #expect(details.text(TextStyle(color: false, now: now)).hasSuffix("\n\nNo versions yet.\n"))
    }

    @Test("is shown by version as kept")
    func version() throws {
        let plain = TextStyle(color: false, now: now)
        let newest = ViewFixture.details(of: ViewFixture.newest, url: "https://host/prompts/cost/3")
        try expectSnapshot(newest.text(plain), "show-version.txt")
        try expectSnapshot(ViewFixture.details(of: ViewFixture.chat).text(plain), "show-chat.txt")
        try expectSnapshot(newest.jsonText, "load-version.json")
        try expectSnapshot(ViewFixture.details(of: ViewFixture.chat).jsonText, "load-chat.json")
    }

    @Test("tells whose the prompt is, and who made the version")
    func owner() {
        var details = ViewFixture.details(of: ViewFixture.newest)
        details.prompt.tags[ProvenanceTag.job] = "new"
        let lines = "\njob:             new\nmade by:         job 'agent'\n"
        #expect(details.text(TextStyle(color: false)).contains(lines))
        details.version = ViewFixture.chat
        #expect(details.text(TextStyle(color: false)).contains("\nmade by:   no job\n"))
    }

    @Test("is compared as kept")
    func comparison() throws {
        try expectSnapshot(ViewFixture.comparisons.text(TextStyle(color: false)), "diff-job.txt")
        try expectSnapshot(ViewFixture.comparisons.text(TextStyle(color: true)), "diff-colour.txt")
        try expectSnapshot(ViewFixture.comparisons.jsonText, "diff-job.json")
        let versions = ViewFixture.comparison(ViewFixture.versions[1], ViewFixture.newest)
        try expectSnapshot(versions.text(TextStyle(color: false)), "diff-versions.txt")
    }

    @Test("is compared without a word where it is the same")
    func noDifference() {
        let same = ViewFixture.comparison(ViewFixture.newest, ViewFixture.newest)
        #expect(same.text(TextStyle(color: false)) == "" && !same.hasDifferences)
    }

    @Test("has a journal that is printed as kept")
    func journal() throws {
        let history = try ViewFixture.history
        try expectSnapshot(history.text(TextStyle(color: false)), "history.txt")
        try expectSnapshot(history.jsonText, "history.json")
        let none = try AliasHistory(of: ObservedPrompt(name: "p"))
        #expect(none.text(TextStyle(color: false)) == "")
    }

    @Test("keeps what a registry holds as JSON, and what is none as a text")
    func storedJSON() throws {
        var version = ViewFixture.chat
        version.content.modelConfig = #"{"n": 12345678901234567890, "z": 1.50, "a": "é"}"#
        version.content.responseFormat = "{no JSON"
        version.content.template = "no JSON either"
        let json = ViewFixture.details(of: version).jsonText
        #expect(json.contains(#""n": 12345678901234567890,"# + "\n    \"z\": 1.50,\n    \"a\": \"é\"\n"))
        #expect(
            json.contains(#""response_format": "{no JSON""#)
                && json.contains(#""template": "no JSON either""#))
        _ = try JSONValue(parsing: json)
    }
}

@Suite("What is registered, shown with all that could break out of it")
struct HostileViewTests {
    private let text = HostileFixture.text

    /// Everything that is shown, each with the number of lines that it has for harmless texts.
    private var shown: [(name: String, text: String)] {
        let content = PromptContent(kind: .chat, template: text, modelConfig: text, responseFormat: text)
        let version = PromptVersion(
            number: 1, content: content, description: text,
            tags: [
                text: text, ProvenanceTag.commit: text, ProvenanceTag.source: text, ProvenanceTag.job: text,
            ])
        let prompt = ObservedPrompt(
            name: text, description: text, tags: [text: text], aliases: [text: 1], newest: version)
        let registry = RegistryLocation(text, workspace: text)
        let details = PromptDetails(registry: registry, url: text, prompt: prompt, versions: [version])
        let one = VersionDetails(registry: registry, url: text, prompt: prompt, version: version)
        let listing = PromptListing(
            registry: registry, job: text, target: text, alias: text,
            entries: [.init(name: text, nameInJob: text, prompt: prompt, version: version)])
        let side = { (extra: String) in
            PromptComparison.Side(
                name: text, version: nil,
                content: PromptContent(kind: .text, template: text + extra, modelConfig: text + extra))
        }
        let comparison = ComparisonReport(
            registry: registry, job: text, target: text,
            prompts: [PromptComparison(fullName: text, nameInJob: text, old: side("1"), new: side("2"))])
        var log = AliasLog()
        log.add([.init(alias: text, from: 1, to: 2, at: text, by: text, commit: text, job: text)])
        let moved = ObservedPrompt(name: text, tags: [AliasLog.tag: log.text(limit: 50_000)])
        guard let history = try? AliasHistory(of: moved) else { return [] }
        let style = TextStyle(color: false, now: ViewFixture.now)
        return [
            ("list", listing.text(TextStyle(color: false, now: ViewFixture.now))),
            ("list.json", listing.jsonText), ("show", details.text(style)),
            ("show.json", details.jsonText), ("version", one.text(style)),
            ("version.json", one.jsonText),
            ("diff", comparison.text(TextStyle(color: false))),
            ("diff.json", comparison.jsonText),
            ("history", history.text(TextStyle(color: false))),
            ("history.json", history.jsonText),
        ]
    }

    @Test("steers no terminal")
    func controls() {
        for (name, text) in shown {
            let steering = text.unicodeScalars.filter {
                $0 != "\n" && $0 != "\t" && ($0.value < 0x20 || 0x7F...0x9F ~= $0.value)
                    || [0x2028, 0x202E].contains($0.value)
            }
            #expect(steering.isEmpty, "\(name)")
        }
    }

    @Test("gives no command to GitHub's runner")
    func workflowCommands() {
        for (name, text) in shown where !name.hasSuffix(".json") {
            for line in text.split(separator: "\n") {
                #expect(!line.drop(while: \.isWhitespace).hasPrefix("::") && !line.contains("##["), "\(name)")
            }
        }
    }

    @Test("stays JSON")
    func json() throws {
        for (name, text) in shown where name.hasSuffix(".json") {
            #expect(throws: Never.self, "\(name)") { try JSONValue(parsing: text) }
        }
    }
}

@Suite("A moment")
struct MomentTests {
    @Test(
        "has an age in its largest unit",
        arguments: [
            (0, "<1m"), (59, "<1m"), (60, "1m"), (3_599, "59m"), (3_600, "1h"), (86_399, "23h"),
            (86_400, "1d"),
            (30 * 86_400 - 1, "29d"), (30 * 86_400, "1mo"), (75 * 86_400, "2mo"), (364 * 86_400, "11mo"),
            (365 * 86_400, "1y"), (800 * 86_400, "2y"), (-5_000, "<1m"),
        ])
    func age(seconds: Int, text: String) throws {
        let moment = try #require(Moment(ViewFixture.now - seconds * 1_000))
        #expect(moment.age(at: ViewFixture.now) == text)
    }

    @Test("is written in RFC 3339")
    func written() throws {
        for none in [nil, -1, Int.min, Int.max, 253_402_300_800_000] { #expect(Moment(none) == nil) }
        #expect(Moment(253_402_300_799_999)?.text == "9999-12-31T23:59:59.999Z")
        for milliseconds in ViewFixture.now..<(ViewFixture.now + 1_000) {
            #expect(
                Moment(milliseconds)?.text.hasSuffix(".\(String(milliseconds % 1_000 + 1_000).dropFirst())Z")
                    == true)
        }
        #expect(Moment(0)?.text == "1970-01-01T00:00:00.000Z")
        #expect(Moment(ViewFixture.now + 123)?.text == "2026-11-21T13:00:00.123Z")
    }
}
