import Foundation
import Testing

@testable import Prompts

@Suite struct PromptVersionTests {
    @Test(arguments: [("1", 1), ("007", 7), ("2147483647", 2_147_483_647)])
    func aNumberIsRead(text: String, number: Int) {
        #expect(PromptVersion.number(parsing: text) == number)
    }

    @Test(arguments: ["", "0", "-1", "+1", " 1", "1.0", "1e3", "x", "１", "2147483648", "9223372036854775807"])
    func anythingElseIsNone(text: String) throws {
        #expect(PromptVersion.number(parsing: text) == nil)
        let error = #expect(throws: RegistryError.self) { try PromptVersion.number(text, of: "a.b.c") }
        #expect(error?.code == .corrupt && error?.message.contains("'\(text)'") == true)
    }
}

@Suite struct TagListTests {
    @Test func theLastOfEqualKeysCounts() throws {
        let json = #"[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}, {"key": "b"}]"#
        let list = try JSONDecoder().decode(TagList.self, from: Data(json.utf8))
        #expect(list.tags == ["a": "2", "b": ""])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(list), as: UTF8.self)
                == #"[{"key":"a","value":"2"},{"key":"b","value":""}]"#)
    }
}
