import HTTP
import Prompts
import Testing

@testable import UnityCatalog

@Suite struct UnityCatalogConnectionTests {
    @Test(arguments: ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
    func aFileThatIsNotThereIsToldBeforeAnythingIsSent(_ variable: String) {
        let environment = [
            "DATABRICKS_HOST": "https://host", "DATABRICKS_TOKEN": "t", variable: "/does/not/exist.pem",
        ]
        let error = #expect(throws: RegistryError.self) {
            try UnityCatalogRegistry(profile: nil, environment: environment)
        }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message == "\(variable) names /does/not/exist.pem, which cannot be read")
        // Whoever reads a pipe or a device may wait for ever.
        let device = #expect(throws: RegistryError.self) {
            try UnityCatalogRegistry(
                profile: nil, environment: environment.merging([variable: "/dev/zero"]) { _, new in new })
        }
        #expect(device?.message == "\(variable) names /dev/zero, which cannot be read")
    }

    @Test(arguments: HTTPError.Code.allCases)
    func everyFailureOfARequestIsOneOfARegistry(code: HTTPError.Code) {
        var failure = HTTPError(code, "no", hint: "try")
        failure.outcomeIsUnknown = true
        let error = RegistryError(failure)
        #expect(error.code.rawValue == (code == .wrongService ? "not-a-registry" : code.rawValue))
        #expect(error.message == "no" && error.hint == "try" && error.outcomeIsUnknown)
    }
}
