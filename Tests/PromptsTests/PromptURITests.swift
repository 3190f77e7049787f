import Testing

@testable import Prompts

@Suite struct PromptURITests {
    @Test(
        arguments: [
            ("prompts:/c.s.p/3", "c.s.p", .version(3)), ("c.s.p/3", "c.s.p", .version(3)),
            ("prompts:/p@production", "p", .alias("production")), ("p@a-b_9", "p", .alias("a-b_9")),
            ("prompts:/p@latest", "p", .latest), ("p@Latest", "p", .latest),
            ("prompts:/p", "p", nil), ("p", "p", nil), ("prompts:/p/007", "p", .version(7)),
            ("prompts:/p/2147483647", "p", .version(2_147_483_647)),
        ] as [(String, String, PromptURI.Reference?)])
    func addressesAreRead(text: String, name: String, reference: PromptURI.Reference?) throws {
        #expect(try PromptURI(text) == PromptURI(name: name, reference: reference))
    }

    @Test(arguments: [
        "prompts:/c.s.p/3", "prompts:/c.s.p@production", "prompts:/c.s.p@latest", "prompts:/c.s.p",
    ])
    func theUsualSpellingIsReadAgain(text: String) throws {
        #expect(try PromptURI(text).description == text)
    }

    @Test(arguments: [
        "", "prompts:/", "prompts:/p/", "prompts:/p/0", "prompts:/p/-1", "prompts:/p/x", "prompts:/p/latest",
        "prompts:/a/b/1", "prompts:/p@", "prompts:/p@v2", "prompts:/p@a b", "prompts:/@x", "prompts://p/1",
        "models:/p/1", "http://host/p", "p q", "jobs/a.yaml", "prompts:/p/99999999999999999999", "p/٣",
        "prompts:/p/2147483648", "prompts:/p/9223372036854775807",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        let error = #expect(throws: RegistryError.self) { try PromptURI(text) }
        #expect(
            error?.code == .invalidValue && error?.message.hasPrefix("invalid prompt '\(text)': ") == true)
    }
}
