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
        let text = PromptListText(color: false, now: now)
        try expectSnapshot(text.render(ViewFixture.listing(ofJob: false)), "list-registry.txt")
        try expectSnapshot(text.render(ViewFixture.listing(ofJob: true)), "list-job.txt")
        let colored = PromptListText(color: true, now: now)
        try expectSnapshot(colored.render(ViewFixture.listing(ofJob: true)), "list-colour.txt")
        try expectSnapshot(PromptListJSON.render(ViewFixture.listing(ofJob: true)), "list-job.json")
    }

    @Test("lists nothing as nothing")
    func emptyList() {
        var listing = ViewFixture.listing(ofJob: true)
        listing.entries = []
        #expect(PromptListText(color: false, now: now).render(listing) == "")
    }

    @Test("is shown with all versions as kept")
    func prompt() throws {
        try expectSnapshot(PromptText(color: false, now: now).render(ViewFixture.details), "show-prompt.txt")
        try expectSnapshot(PromptText(color: true, now: now).render(ViewFixture.details), "show-colour.txt")
        try expectSnapshot(VersionJSON.render(ViewFixture.details), "show-prompt.json")
    }

    @Test("says so where there is no version")
    func noVersion() {
        var details = ViewFixture.details
        details.versions = []
        #expect(PromptText(color: false, now: now).render(details).hasSuffix("\n\nIt has no version yet.\n"))
    }

    @Test("is shown by version as kept")
    func version() throws {
        let text = PromptText(color: false, now: now)
        let newest = ViewFixture.details(of: ViewFixture.newest, url: "https://host/prompts/cost/3")
        try expectSnapshot(text.render(newest), "show-version.txt")
        try expectSnapshot(text.render(ViewFixture.details(of: ViewFixture.chat)), "show-chat.txt")
        try expectSnapshot(VersionJSON.render(newest), "load-version.json")
        try expectSnapshot(VersionJSON.render(ViewFixture.details(of: ViewFixture.chat)), "load-chat.json")
    }

    @Test("is compared as kept")
    func comparison() throws {
        try expectSnapshot(ComparisonText(color: false).render(ViewFixture.comparisons), "diff-job.txt")
        try expectSnapshot(ComparisonText(color: true).render(ViewFixture.comparisons), "diff-colour.txt")
        try expectSnapshot(ComparisonJSON.render(ViewFixture.comparisons), "diff-job.json")
        let versions = ViewFixture.comparison(ViewFixture.versions[1], ViewFixture.newest)
        try expectSnapshot(ComparisonText(color: false).render(versions), "diff-versions.txt")
    }

    @Test("is compared without a word where it is the same")
    func noDifference() {
        let same = ViewFixture.comparison(ViewFixture.newest, ViewFixture.newest)
        #expect(ComparisonText(color: false).render(same) == "" && !same.hasDifferences)
    }

    @Test("has a journal that is printed as kept")
    func journal() throws {
        let log = try ViewFixture.log
        try expectSnapshot(AliasLogText(color: false).render(log), "history.txt")
        try expectSnapshot(AliasLogJSON.render(log), "history.json")
        #expect(AliasLogText(color: false).render(AliasLog()) == "")
    }

    @Test("keeps what a registry holds as JSON, and what is none as a text")
    func storedJSON() throws {
        var version = ViewFixture.chat
        version.content.modelConfig = #"{"n": 12345678901234567890, "z": 1.50, "a": "é"}"#
        version.content.responseFormat = "{no JSON"
        version.content.template = "no JSON either"
        let json = VersionJSON.render(ViewFixture.details(of: version))
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
        let prompts = PromptText(color: false, now: ViewFixture.now)
        return [
            ("list", PromptListText(color: false, now: ViewFixture.now).render(listing)),
            ("list.json", PromptListJSON.render(listing)), ("show", prompts.render(details)),
            ("show.json", VersionJSON.render(details)), ("version", prompts.render(one)),
            ("version.json", VersionJSON.render(one)),
            ("diff", ComparisonText(color: false).render(comparison)),
            ("diff.json", ComparisonJSON.render(comparison)),
            ("history", AliasLogText(color: false).render(log)),
            ("history.json", AliasLogJSON.render(log)),
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
