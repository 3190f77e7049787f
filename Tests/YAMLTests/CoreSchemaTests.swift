import Support
import Testing

@testable import YAML

@Suite struct CoreSchemaTests {
    @Test(arguments: ["", "~", "null", "Null", "NULL"])
    func readsNull(_ text: String) throws {
        #expect(try value(of: "a: \(text)\n")["a"] == .null)
    }

    @Test(arguments: [
        ("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false),
    ])
    func readsTruth(_ text: String, _ expected: Bool) throws {
        #expect(try value(of: "a: \(text)\n")["a"] == .bool(expected))
    }

    @Test(arguments: [
        ("0", "0"), ("12", "12"), ("+1", "1"), ("-7", "-7"), ("007", "7"), ("-00", "-0"), ("0x1F", "31"),
        ("0xff", "255"), ("0o17", "15"), ("0x0", "0"), ("0x3B9ACA00", "1000000000"),
        ("9223372036854775807", "9223372036854775807"), ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775809", "-9223372036854775809"), ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
        ("0o7777777777777777777777", "73786976294838206463"),
        (
            "12345678901234567890123456789012345678901234567890",
            "12345678901234567890123456789012345678901234567890"
        ),
    ])
    func readsWholeNumbersOfAnySize(_ text: String, _ expected: String) throws {
        #expect(try value(of: "a: \(text)\n").serialized == "{\"a\": \(expected)}")
    }

    @Test(arguments: [
        ("0.2", "0.2"), ("0.20", "0.20"), (".5", "0.5"), ("1.", "1.0"), ("-1.5", "-1.5"), ("+.5", "0.5"),
        ("1e3", "1e3"),
        ("1E-2", "1E-2"), ("1.e2", "1.0e2"), ("1.5e+10", "1.5e+10"), ("00.5", "0.5"), ("1e400", "1e400"),
    ])
    func readsOtherNumbersWithTheirDigits(_ text: String, _ expected: String) throws {
        #expect(try value(of: "a: \(text)\n").serialized == "{\"a\": \(expected)}")
    }

    @Test(arguments: [
        (".inf", ".inf"), ("-.Inf", "-.inf"), ("+.INF", ".inf"), (".nan", ".nan"), (".NaN", ".nan"),
        (".NAN", ".nan"),
    ])
    func readsWhatJSONLacks(_ text: String, _ expected: String) throws {
        #expect(try value(of: "a: \(text)\n")["a"] == .number(expected))
    }

    @Test func aHexadecimalNumberTooLongToConvertIsText() throws {
        let long = "0x" + String(repeating: "F", count: 1_001)
        #expect(try value(of: long) == .string(long))
        guard case .number(let text) = try value(of: String(long.dropLast())) else {
            Issue.record("1,000 digits are no number")
            return
        }
        #expect(text.hasPrefix("13182") && text.count == 1_205)
    }

    /// The Norway problem: the country code of Norway, and all else that YAML 1.1 reads as something else.
    @Test(arguments: [
        "no", "No", "NO", "yes", "on", "Off", "y", "n", "Y", "12:30:00", "190:20:30", "2020-01-01",
        "2001-12-14t21:59:43.10-05:00", "1_000", "0b101", "nULL", "tRUE", "=", "0x", "0o8", "-0x1", "0xG",
        ".", "+", "1e", "1e+", "e3", ".e3", "+.nan", "-.nan", ".iNF", "1.2.3", "--1", "inf", "nan", "1 2",
    ])
    func leavesTheRestAsText(_ text: String) throws {
        #expect(try value(of: "a: \(text)\n")["a"] == .string(text))
    }

    @Test func readsNorwayAsText() throws {
        #expect(try value(of: "[no, se, dk]") == .array([.string("no"), .string("se"), .string("dk")]))
    }

    @Test(arguments: ["'1'", "\"true\"", "'null'", "''", "\"~\""])
    func takesQuotedScalarsForText(_ text: String) throws {
        #expect(try value(of: text) == .string(String(text.dropFirst().dropLast())))
    }

    @Test func takesBlockScalarsForText() throws {
        #expect(try value(of: "a: |\n  12\nb: >-\n  true\n") == value(of: "a: \"12\\n\"\nb: 'true'\n"))
    }

    @Test(arguments: [
        ("!!str 1", JSONValue.string("1")), ("!!str", .string("")), ("!!int \"12\"", JSONValue(12)),
        ("!!int 0x10", JSONValue(16)), ("!!float 1", JSONValue(1)), ("!!float '.5'", .number("0.5")),
        ("!!bool 'true'", .bool(true)), ("!!null ''", .null), ("!!seq [1]", .array([JSONValue(1)])),
        ("!!map {}", .object([])), ("!<tag:yaml.org,2002:str> 1", .string("1")),
    ])
    func honoursTags(_ text: String, _ expected: JSONValue) throws {
        #expect(try value(of: text) == expected)
    }

    @Test(arguments: [
        ("!!int x", "1:1+5 yaml-tag: the tag '!!int' needs a whole number"),
        ("!!int 1.5", "1:1+5 yaml-tag: the tag '!!int' needs a whole number"),
        ("!!float x", "1:1+7 yaml-tag: the tag '!!float' needs a number"),
        ("!!bool yes", "1:1+6 yaml-tag: the tag '!!bool' needs true or false"),
        ("!!null x", "1:1+6 yaml-tag: the tag '!!null' needs null"),
        ("!!seq x", "1:1+5 yaml-tag: the tag '!!seq' needs a list"),
        ("!!seq {}", "1:1+5 yaml-tag: the tag '!!seq' needs a list"),
        ("!!map []", "1:1+5 yaml-tag: the tag '!!map' needs a mapping"),
        ("!!str []", "1:1+5 yaml-tag: the tag '!!str' needs text"),
        ("!Ref x", "1:1+4 yaml-tag: unknown tag '!Ref'"), ("!Ref []", "1:1+4 yaml-tag: unknown tag '!Ref'"),
        ("! 1", "1:1+1 yaml-tag: unknown tag '!'"),
        ("!!python/name:os.system ''", "1:1+23 yaml-tag: unknown tag '!!python/name:os.system'"),
        ("!e!x 1", "1:1+1 yaml-tag: unknown tag: its handle is not declared"),
    ])
    func reportsTagsThatDoNotFit(_ text: String, _ finding: String) {
        #expect(findings(in: text) == [finding])
    }
}
