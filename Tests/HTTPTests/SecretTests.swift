import Foundation
import Testing

@testable import HTTP

@Suite struct SecretTests {
    private let secret = Secret("hunter2")

    @Test func hidesItsTextHoweverItIsPrinted() throws {
        var dumped = ""
        dump(["wrapped": [secret]], to: &dumped)
        let header = CredentialHeader("Authorization", secret)
        let request = HTTPRequest(.post, try url, credentials: [header], body: Array("hunter2".utf8))
        var dumpedRequest = ""
        dump(request, to: &dumpedRequest)
        let printed = [
            "\(secret)", String(describing: secret), String(reflecting: secret), dumped, dumpedRequest,
            "\(Optional(secret) as Any)", "\(request)", String(reflecting: [request]),
            "\(header)",
        ]
        for text in printed { #expect(!text.contains("hunter2")) }
        #expect("\(secret)" == "•••")
    }

    @Test func givesItsTextToWhoAsks() {
        #expect(secret.reveal() == "hunter2")
        #expect(secret == Secret("hunter2"))
        #expect(secret != Secret("hunter3"))
    }

    @Test(arguments: ["token-0123456789", "s3cr3t?ö", "dapi0123456789abcdef"])
    func noSpellingOfItIsQuoted(_ text: String) {
        let hex = text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let within = ["", "x", "xx"].flatMap { start in
            ["", "y", "yy"].map { Data((start + text + $0).utf8).base64EncodedString() }
        }
        for spelling in [text, String(text.reversed()), hex, hex.uppercased()] + within {
            let shown = TextExcerpt.of("sent <\(spelling)> to me", hiding: [Secret("Bearer " + text)])
            #expect(shown.hasPrefix("sent <") && shown.hasSuffix("> to me"), "\(shown)")
            // At the ends, digits stand for what is next to it, too.
            let rest = shown.dropFirst(6).dropLast(7).replacingOccurrences(of: "•••", with: "")
            #expect(rest.count <= 9 && shown.contains("•••"), "\(spelling): \(shown)")
        }
    }

    /// Escaped for URLs once or twice, in part or as a whole, and in base32 as Python has it.
    @Test(arguments: [
        ("p@ss/w%rd 25%x", "MFWC42LDMU5HAQDTOMXXOJLSMQQDENJFPA", "PB4HQYLMFZUWGZJ2OBAHG4ZPO4SXEZBAGI2SK6DZ"),
        ("s3cr3t?-0123", "MFWC42LDMU5HGM3DOIZXIPZNGAYTEMY", "PB4HQYLMFZUWGZJ2OMZWG4RTOQ7S2MBRGIZXS"),
    ])
    func noEscapeOfALoginIsShown(_ password: String, _ base32: String, _ within: String) {
        let pair = "al.ice:" + password
        let secrets = [Secret("Basic " + Data(pair.utf8).base64EncodedString())]
        let hex = pair.utf8.map { String(format: "%02X", $0) }
        let escape = { (text: String) in
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-", ".", "_", "~"]))
                ?? ""
        }
        let known = [escape(pair), escape(escape(pair)), base32, base32.lowercased(), hex.joined()]
        for text in known { #expect(SecretMask(secrets).hiding("<\(text)>") == "<•••>", "\(text)") }
        for text in known + [hex.map { "%" + $0 }.joined(), hex.map { "%25" + $0 }.joined()] {
            #expect(TextExcerpt.of("<\(text)>", hiding: secrets) == "<•••>", "\(text)")
        }
        // What stands before and after it has a part in the digits at its ends.
        let shown = SecretMask(secrets).hiding(within)
        #expect(shown.contains("•••") && shown.count < 15, "\(shown)")
    }

    @Test(arguments: ["\n", "\r\n  ", " ", "\\n", "\\\\r\\\\n", "\t"])
    func noLinesOfItAreQuoted(_ lineEnd: String) {
        for secret in ["token-0123456789-next", "nnnnrrrrttttnrt1", "back\\slash-n0-r1-t2"] {
            let spellings = [secret, Data(secret.utf8).base64EncodedString()]
            for spelling in spellings {
                for width in [1, 4, 5, 8] {
                    let lines = Array(spelling.replacingOccurrences(of: "=", with: "")).chunked(width)
                    let text = lines.joined(separator: lineEnd)
                    let shown = TextExcerpt.of("sent <\(text)> to me", hiding: [Secret("Bearer " + secret)])
                    #expect(shown == "sent <•••> to me", "\(text)")
                }
            }
        }
    }

    private var url: HTTPURL {
        get throws { try HTTPURL("https://registry.example/api?token=hunter2") }
    }
}

extension [Character] {
    fileprivate func chunked(_ width: Int) -> [String] {
        stride(from: 0, to: count, by: width).map { String(self[$0..<Swift.min($0 + width, count)]) }
    }
}
