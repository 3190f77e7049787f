import Testing

@testable import Prompts

@Suite struct RegistryAddressTests {
    @Test(arguments: [
        ("file:mlruns", "file:/base/mlruns"), ("file:../mlruns", "file:/mlruns"),
        ("file:/srv/x/", "file:/srv/x"),
        ("file:///srv/x", "file:/srv/x"), ("mlruns", "file:/base/mlruns"), ("./mlruns", "file:/base/mlruns"),
        ("./a%20b", "file:/base/a b"), ("file:///srv/My%20Project", "file:/srv/My Project"),
        ("file:/srv/100%25", "file:/srv/100%25"), ("file:a%3Fb%23c", "file:/base/a%3Fb%23c"),
        ("file:a?b#c", "file:/base/a"), ("file://localhost/srv", "file:/srv"),
        ("file:50%", "file:/base/50%25"),
        ("/srv/a:b", "file:/srv/a:b"), ("//srv/a.b/c", "file:/srv/a.b/c"), ("file:a/../../..", "file:/"),
        ("file:.", "file:/base"),
        ("http://localhost:5000", "http://localhost:5000"), ("https://host/mlflow", "https://host/mlflow"),
        ("databricks-uc", "databricks-uc"), ("databricks-uc://dev", "databricks-uc://dev"),
    ])
    func addressesAreRead(text: String, description: String) throws {
        let isRegistry: (String) -> Bool = { $0 == "/base/mlruns" }
        let address = try RegistryAddress(text, relativeTo: "/base", isRegistry: isRegistry)
        #expect(address.description == description)
        #expect(try RegistryAddress(address.description, relativeTo: "/other") == address)
    }

    @Test(arguments: [
        ("localhost:5917", "http://localhost:5917"), ("127.0.0.1:80/x", "http://127.0.0.1:80/x"),
        ("localhost", "http://localhost"), ("LOCALHOST:80", "http://LOCALHOST:80"),
        ("mlflow.example.com", "https://mlflow.example.com"),
        ("mlflow.example.com/x", "https://mlflow.example.com/x"),
        ("mlflow.example.com", "file:mlflow.example.com"), ("mlflow.example.com:443", "https://mlflow"),
        ("mlflow:5000", "http://mlflow:5000"), ("mlruns", "file:mlruns"), ("a/b", "file:a/b"),
        (":5000", "http://127.0.0.1:5000"), ("//host:5000/x", "http://host:5000/x"),
        ("//localhost", "http://localhost:5000"), ("::1", "http://[::1]:5000"),
        ("[::1]", "http://[::1]:5000"), ("[::1]:5001/x", "http://[::1]:5001/x"),
        ("::1:5001", "http://[::1]:5001"), ("fe80::a1:22", "http://[fe80::a1:22]:5000"),
        ("2001:db8::a", "http://[2001:db8::a]:5000"),
        ("adb-123.4.azuredatabricks.net", "DATABRICKS_HOST=https://adb-123.4.azuredatabricks.net, or"),
        ("my-ws.cloud.databricks.com/?o=1", "databricks-uc with DATABRICKS_HOST=https://my-ws.cloud"),
        (
            "dbc-xx.cloud.databricks.com:443",
            "https://dbc-xx.cloud.databricks.com, or databricks-uc://PROFILE"
        ),
        ("//1.gcp.databricks.com", "DATABRICKS_HOST=https://1.gcp.databricks.com, or"),
        ("app-1.aws.databricksapps.com", "https://app-1.aws.databricksapps.com for a server"),
    ])
    func aWordIsAFolderOnlyWhereARegistryIs(text: String, hint: String) {
        let error = #expect(throws: RegistryError.self) { try RegistryAddress(text, relativeTo: "/base") }
        #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
    }

    @Test(arguments: [
        "", "file:", "file://host/x", "http://", "http:///x", "https://user:secret@host", "databricks",
        "databricks://x", "sqlite:///x.db", "s3://bucket", "file:a\nb", "a\u{1B}", "file:~/x",
        "postgresql://mlflow:secret@db/mlflow", "htps://user:sec/secret@host", "https://user:a/secret@host",
        "databricks-uc:dev", "databricks-uc:/dev", "databricks-uc:", "databricks-uc:///",
        "databricks-uc://a/b",
        "http://host:99999", "http://host:x", "http://host:", "http://:80", "http://a b", "http://[::1",
        "http://[::1]:0",
        "databricks-uc://user:secret@host", "https://host/?token=secret", "https://host/#secret",
        "mysql://host/db?password=secret",
        "http:user:secret@host", "user:secret@host", "user@host:80?secret", "FILE:x", "file:%00",
        "file:a%0Ab",
        "file:%FF", "file:?x", "file://localhost", "file://[::1]/x", "file://mlruns", "srv:x", " file:x",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        let error = #expect(throws: RegistryError.self) { try RegistryAddress(text, relativeTo: "/base") }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains("secret") == false)
    }

    @Test(arguments: [
        ("databrics-uc", "did you mean 'databricks-uc'?"),
        ("databrick-uc://p", "did you mean 'databricks-uc://p'?"),
        ("htps://host", "did you mean 'https://host'?"),
        ("htps://user:secret@host", "did you mean 'https:…'?"),
        ("folder", "use file:folder for a folder"),
        ("http://::1:5791", "an IPv6 address stands in brackets, such as http://[::1]:5000"),
    ])
    func aSlipIsToldWithWhatWasMeant(text: String, hint: String) {
        let error = #expect(throws: RegistryError.self) { try RegistryAddress(text, relativeTo: "") }
        #expect(error?.hint == hint)
    }
}

@Suite struct PromptNameTests {
    @Test(arguments: ["a", "main.schema.prompt_x", "A-1_b.c"])
    func goodNames(name: String) { #expect(NameRules.problem(withName: name) == nil) }

    @Test(arguments: ["", "..", "a/b", "a b", "é", "a\n", String(repeating: "a", count: 251)])
    func badNames(name: String) { #expect(NameRules.problem(withName: name) != nil) }

    @Test(arguments: ["production", "v", "version1", "v1a", "A-b_9"])
    func goodAliases(alias: String) { #expect(NameRules.problem(withAlias: alias) == nil) }

    @Test(arguments: ["", "latest", "Latest", "v1", "V22", "a.b", "a b", String(repeating: "a", count: 256)])
    func badAliases(alias: String) { #expect(NameRules.problem(withAlias: alias) != nil) }
}
