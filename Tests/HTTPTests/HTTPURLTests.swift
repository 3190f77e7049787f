import Testing

@testable import HTTP

@Suite struct HTTPURLTests {
    @Test(arguments: [
        ("http://Host", "http://host"), ("https://host:8443/", "https://host:8443"),
        ("HTTPS://host/mlflow//", "https://host/mlflow"), ("http://[::1]:5000/a", "http://[::1]:5000/a"),
        ("http://127.0.0.1?x=%20y", "http://127.0.0.1?x=%20y"), ("https://host/a#part", "https://host/a"),
    ])
    func readsAddresses(_ text: String, _ expected: String) throws {
        #expect(try HTTPURL(text).text == expected)
    }

    @Test(arguments: [
        "", "host", "ftp://host", "http://", "http:///path", "http://user:secret@host", "http://host:0",
        "http://host:70000", "http://host:x", "http://a b", "http://host/\n", "http://[::1", "http://ho]st",
        "http://host/<x>", "http://höst",
        "https://dapi0123456789secret0123456789/",
        "https://eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.secret",
    ])
    func refusesOthersWithoutQuotingThem(_ text: String) {
        let error = #expect(throws: HTTPError.self) { try HTTPURL(text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func addsSegmentsAndQueries() throws {
        let base = try HTTPURL("https://host/mlflow")
        let url = base.appending("api/2.0/x", query: [("name", "a b&c=d/é"), ("y", "")])
        #expect(url.text == "https://host/mlflow/api/2.0/x?name=a%20b%26c%3Dd%2F%C3%A9&y=")
        #expect(url.appending(["a/b", ".."], query: [("z", "1")]).path == "/mlflow/api/2.0/x/a%2Fb/..")
        #expect(
            try HTTPURL("https://host/t?v=1").appending("", query: [("a", "b")]).text
                == "https://host/t?v=1&a=b")
    }

    @Test(arguments: [
        ("http://localhost", true), ("http://127.0.0.1", true), ("http://127.8.9.1", true),
        ("http://[::1]", true), ("http://127.0.0.1.example", false), ("http://127.0.0", false),
        ("http://127.0.0.256", false), ("http://localhost.example", false), ("http://10.0.0.1", false),
    ])
    func knowsThisMachine(_ text: String, _ isLoopback: Bool) throws {
        #expect(try HTTPURL(text).isLoopback == isLoopback)
    }
}
