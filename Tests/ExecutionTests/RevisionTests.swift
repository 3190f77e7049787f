import Execution
import Testing

@Suite struct RevisionTests {
    @Test(arguments: [
        ("https://github.com/o/r", "https://github.com/o/r"),
        ("https://github.com/o/r.git/", "https://github.com/o/r"),
        ("https://user:token@host:8443/a/b.git?x#y", "https://host:8443/a/b"),
        ("http://host/a", "http://host/a"), ("HTTPS://HOST/a/b", "https://HOST/a/b"),
        ("git@github.com:o/r.git", "https://github.com/o/r"),
        ("ssh://git@host:7999/o/r.git", "https://host/o/r"), ("git://host/o/r", "https://host/o/r"),
        ("org-1@host:o/r", "https://host/o/r"),
    ])
    func anAddressOfGitLeadsToItsPage(address: String, page: String) {
        #expect(Revision.page(of: address) == page)
    }

    @Test(arguments: [
        "", "x", "/srv/repo", "./a:b", "file:///srv/repo", "https://host", "https:///a", "a b:c", "x:\u{1B}",
    ])
    func anotherAddressHasNone(address: String) { #expect(Revision.page(of: address) == nil) }

    @Test func aCommitHasItsPageWhereTheRepositoryIs() {
        let pages = ["https://github.com/o/r", "https://gitlab.x/o/r", "https://bitbucket.org/o/r"]
            .map { Revision.page(of: "abc", in: $0) }
        #expect(
            pages == [
                "https://github.com/o/r/commit/abc", "https://gitlab.x/o/r/-/commit/abc",
                "https://bitbucket.org/o/r/commits/abc",
            ])
    }

    @Test(arguments: ["abcdef", "abcdefg", "", "C1234", String(repeating: "a", count: 65), "ａｂｃｄｅｆ１"])
    func otherTextsAreNoCommits(text: String) { #expect(!Revision.isCommit(text)) }
}
