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
        ("0", 0), ("12", 12), ("+1", 1), ("-7", -7), ("007", 7), ("0x1F", 31), ("0xff", 255), ("0o17", 15),
        ("9223372036854775807", .max), ("-9223372036854775808", .min), ("0x7FFFFFFFFFFFFFFF", .max),
    ])
    func readsWholeNumbers(_ text: String, _ expected: Int) throws {
        #expect(try value(of: "a: \(text)\n")["a"] == .int(expected))
    }

    @Test(arguments: [
        ("0.2", 0.2), (".5", 0.5), ("1.", 1), ("-1.5", -1.5), ("+.5", 0.5), ("1e3", 1000), ("1E-2", 0.01),
        ("1.e2", 100), ("1.5e+10", 1.5e10), (".inf", .infinity), ("-.Inf", -.infinity),
        ("+.INF", .infinity), ("9223372036854775808", 0x1p63),
        ("-9223372036854775809", -0x1p63),
        ("0xFFFFFFFFFFFFFFFF", 0x1p64),
        ("0o7777777777777777777777", 0x1p66),
    ])
    func readsOtherNumbers(_ text: String, _ expected: Double) throws {
        #expect(try value(of: "a: \(text)\n")["a"] == .float(expected))
    }

    @Test(arguments: [".nan", ".NaN", ".NAN"])
    func readsNotANumber(_ text: String) throws {
        guard case .float(let number) = try value(of: "a: \(text)\n")["a"] else {
            Issue.record("\(text) is no number")
            return
        }
        #expect(number.isNaN)
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
        #expect(try value(of: "[no, se, dk]") == .sequence([.string("no"), .string("se"), .string("dk")]))
    }

    @Test(arguments: ["'1'", "\"true\"", "'null'", "''", "\"~\""])
    func takesQuotedScalarsForText(_ text: String) throws {
        #expect(try value(of: text) == .string(String(text.dropFirst().dropLast())))
    }

    @Test func takesBlockScalarsForText() throws {
        #expect(try value(of: "a: |\n  12\nb: >-\n  true\n") == value(of: "a: \"12\\n\"\nb: 'true'\n"))
    }

    @Test(arguments: [
        ("!!str 1", YAMLValue.string("1")), ("!!str", .string("")), ("!!int \"12\"", .int(12)),
        ("!!int 0x10", .int(16)), ("!!float 1", .float(1)), ("!!float '.5'", .float(0.5)),
        ("!!bool 'true'", .bool(true)), ("!!null ''", .null), ("!!seq [1]", .sequence([.int(1)])),
        ("!!map {}", .mapping([])), ("!<tag:yaml.org,2002:str> 1", .string("1")),
    ])
    func honoursTags(_ text: String, _ expected: YAMLValue) throws {
        #expect(try value(of: text) == expected)
    }

    @Test(arguments: [
        ("!!int x", "1:1+5 yaml-tag: the tag '!!int' needs a whole number of at most 64 bits"),
        ("!!int 1.5", "1:1+5 yaml-tag: the tag '!!int' needs a whole number of at most 64 bits"),
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
