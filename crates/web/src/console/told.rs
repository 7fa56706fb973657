//! What the centre's own words of refusal say in Vietnamese.
//!
//! Domain and use cases tell in English what will not do. Each sentence that a form can meet has its
//! Vietnamese here, with the places where a value stands; what is not here is shown as it is.
//!
//! To add one: a pair, with `{}` where a value stands.

use khien_domain::account::Language;

/// English and Vietnamese.
const SENTENCES: &[(&str, &str)] = &[
    (
        "{} conditions of the gate do not hold yet, so that {} stays in its stage: see {}",
        "còn {} điều kiện của cổng an toàn chưa đạt nên {} chưa chuyển giai đoạn: xem {}",
    ),
    // Devices that keep keys, products and providers of all agencies.
    (
        "{} holds what looks like a key: the centre keeps no keys; write only what tells it apart",
        "{} có nội dung giống khóa mật mã: trung tâm không giữ khóa; chỉ ghi thông tin để phân biệt",
    ),
    (
        "«{}» is no serial number: letters without diacritics, digits and . : - alone",
        "«{}» không phải số hiệu: chỉ dùng chữ không dấu, số và các dấu . : -",
    ),
    ("the day {} has not come yet", "ngày {} chưa đến"),
    (
        "the day {} is before the last step of {}, on {}",
        "ngày {} trước bước gần nhất của {}, ngày {}",
    ),
    ("a renewed certificate ends after {}", "chứng thư gia hạn phải có hạn sau ngày {}"),
    (
        "{} has a device {} already; look for it in the list",
        "{} đã có phương tiện {}; hãy tìm trong danh sách",
    ),
    ("no system of {} has a product {}", "không hệ thống nào của {} có sản phẩm {}"),
    (
        "a file lists what is in store or handed over",
        "tệp chỉ liệt kê phương tiện trong kho hoặc đang bàn giao",
    ),
    (
        "a cryptographic product names the post that keeps its keys",
        "sản phẩm mật mã phải nêu chức danh giữ khóa",
    ),
    (
        "the exit plan was tried, but there is none: write it first",
        "chưa có kế hoạch thay thế để thử: hãy viết kế hoạch trước",
    ),
    (
        "the exit plan cannot have been tried on a day that has not come: {}",
        "ngày thử kế hoạch thay thế chưa đến: {}",
    ),
    ("kind: choose one of the list", "loại: xin chọn trong danh sách"),
    ("product: choose one of the list", "sản phẩm: xin chọn trong danh sách"),
    ("do: choose what was done", "việc: xin chọn việc đã làm"),
    ("the serial number", "số hiệu"),
    ("the post that has it", "chức danh"),
    ("the custodian", "vị trí giữ khóa"),
    ("the scope of the certificate", "phạm vi chứng nhận"),
    ("the exit plan", "kế hoạch thay thế"),
    ("the number of the revocation", "số văn bản thu hồi"),
    ("lost", "đã mất"),
    ("in store", "trong kho"),
    ("handed over", "bàn giao"),
    ("renewed", "gia hạn"),
    ("revoked", "thu hồi"),
    ("{} is {}: it cannot be {}", "{} đang ở trạng thái {}: không ghi {} được"),
    // Certificate logs.
    ("a certificate log is at most {} MiB", "tệp nhật ký chứng thư dài nhất {} MiB"),
    ("a certificate log has at most {} names", "tệp nhật ký chứng thư có nhiều nhất {} tên"),
    ("the file is no text in UTF-8", "tệp không phải văn bản UTF-8"),
    ("the file cannot be read as JSON: {}", "không đọc được tệp như JSON: {}"),
    ("row {}: no column of names: {}", "dòng {}: không có cột tên nào trong: {}"),
    ("no field of names: {}", "không có trường tên nào trong: {}"),
    ("«{}» is no name of a host", "«{}» không phải tên máy chủ"),
    ("«{}» is no moment", "«{}» không phải thời điểm"),
    ("no JSON: {}", "không phải JSON: {}"),
    ("no name", "không có tên"),
    (
        "no agency has a registered domain: register the domains first",
        "chưa cơ quan nào đăng ký tên miền: hãy đăng ký tên miền trước",
    ),
    ("this host is settled already", "máy chủ này đã có câu trả lời"),
    (
        "the level {} of {} is approved: another one needs a dossier of its own",
        "cấp độ {} của {} đã được phê duyệt: muốn đổi phải lập hồ sơ đề xuất cấp độ mới",
    ),
    ("the glass is broken already, until {}", "cổng đang được mở khẩn cấp đến {}"),
    (
        "a retired system is not put into use: change its stage",
        "hệ thống đã thanh lý không mở cổng được: hãy đổi giai đoạn",
    ),
    (
        "{} is this machine or its network: only who looks after all agencies registers it",
        "{} là chính máy này hoặc mạng của nó: chỉ người phụ trách mọi cơ quan được đăng ký",
    ),
    // Controls and cryptography.
    (
        "the note: say in at least {} characters how it is so",
        "ghi chú: nêu cụ thể, ít nhất {} ký tự",
    ),
    (
        "the catalogue {} is there already; a changed one has another version",
        "đã có danh mục {}; danh mục thay đổi phải mang phiên bản khác",
    ),
    ("{} is only read any more: state it by {}", "{} chỉ còn để đọc: nêu theo {}"),
    (
        "it bears the mark of secrecy «{}»: the centre takes nothing that is secret",
        "mang dấu mật «{}»: trung tâm không nhận tài liệu mật",
    ),
    (
        "{} is no registered endpoint of a system: only those are probed; register it with its agency first",
        "{} không phải điểm kết nối đã đăng ký của hệ thống nào: chỉ điểm đã đăng ký được thăm dò; hãy đăng ký trước",
    ),
    (
        "{} is at {}: an address of this machine or its network is asked only if exactly it is registered",
        "{} ở {}: địa chỉ của chính máy này hoặc mạng của nó chỉ được hỏi khi đúng địa chỉ đó đã đăng ký",
    ),
    (
        "{} is at {}: it lies in no registered range of addresses",
        "{} ở {}: không thuộc dải địa chỉ nào đã đăng ký",
    ),
    ("{} has no address", "{} không có địa chỉ"),
    ("the name {} is not answered", "không ai trả lời tên {}"),
    ("the name {} is not found: {}", "không tìm thấy tên {}: {}"),
    ("{} does not answer", "{} không trả lời"),
    ("{} does not end the handshake", "{} không kết thúc bắt tay TLS"),
    (
        "{}: the file ends at {} functions, {} categories and {} subcategories; NIST CSF 2.0 has {} functions, {} categories and {} subcategories. It is another edition, or damaged: download the catalogue of CSF 2.0 again",
        "{}: tệp chỉ đến {} chức năng, {} nhóm và {} kết quả; NIST CSF 2.0 có {} chức năng, {} nhóm và {} kết quả. Đây là bản khác hoặc tệp hỏng: hãy tải lại danh mục CSF 2.0",
    ),
    ("{}: the file is empty", "{}: tệp rỗng"),
    (
        "choose a zip or a rule file (.yml or .yaml)",
        "chọn một zip hoặc một tệp luật (.yml hoặc .yaml)",
    ),
    (
        "the upload is not held any more: upload it again",
        "tệp đã tải lên không còn được giữ: xin tải lên lại",
    ),
    ("no file of it can be taken", "không có tệp nào trong đó nhận được"),
    ("an upload of rules is at most {} MiB", "tệp luật tải lên dài nhất {} MiB"),
    ("it is neither a zip nor a text in UTF-8", "tệp không phải zip cũng không phải văn bản UTF-8"),
    ("the zip cannot be read: {}", "không đọc được zip: {}"),
    ("a zip of rules has at most {} entries", "zip luật có nhiều nhất {} mục"),
    ("a set has at most {} files", "một bộ luật có nhiều nhất {} tệp"),
    (
        "the files of a set are together at most {} MiB",
        "các tệp của một bộ luật cộng lại nhiều nhất {} MiB",
    ),
    (
        "there is no rule file (.yml or .yaml) in it",
        "trong đó không có tệp luật nào (.yml hoặc .yaml)",
    ),
    (
        "there is a set {} already; remove it first or choose a name",
        "đã có bộ luật {}: gỡ nó trước hoặc chọn tên khác",
    ),
    (
        "the name of a set is 1 to 40 of a–z, 0–9 and hyphen, beginning and ending with a letter or digit",
        "tên bộ luật gồm 1 đến 40 ký tự a–z, 0–9 và dấu gạch nối, bắt đầu và kết thúc bằng chữ hoặc số",
    ),
    (
        "not the path of a rule file: at most {} parts of 200 bytes, none of them hidden or «..», ending in .yml or .yaml",
        "không phải đường dẫn của tệp luật: nhiều nhất {} phần, mỗi phần 200 byte, không phần nào ẩn hoặc là «..», kết thúc bằng .yml hoặc .yaml",
    ),
    ("a file of this name stands before it", "đã có tệp cùng tên đứng trước"),
    ("a rule file is at most {} MiB", "tệp luật dài nhất {} MiB"),
    (
        "a filter changes rules that are there: it is made where rules are tuned",
        "đây là bộ lọc cho luật đã có: bộ lọc được tạo ở chỗ tinh chỉnh luật",
    ),
    ("there is no rule in it", "trong tệp không có luật nào"),
    ("the id {} is that of {}", "mã {} là của {}"),
    ("nothing is set for {} of the rule for {}", "chưa có thiết lập {} của luật này cho {}"),
    ("all agencies", "mọi cơ quan"),
    (
        "the switch is on or off, the level one of the five levels",
        "bật/tắt là bật hoặc tắt, mức là một trong năm mức",
    ),
    (
        "a filter that expires does so between now and {} days from now",
        "bộ lọc có hạn thì hết hạn trong vòng {} ngày tới",
    ),
    ("a filter is made of 1 to {} fields", "bộ lọc gồm 1 đến {} trường"),
    (
        "«{}» cannot be asked for: Sigma takes «|» for a modifier",
        "không hỏi được «{}»: Sigma coi «|» là dấu của phép so",
    ),
    ("the value of {} is empty", "giá trị của {} còn trống"),
    ("the value of {} is longer than {} bytes", "giá trị của {} dài quá {} byte"),
    (
        "{} is there twice; values of one field go into a list",
        "{} có hai lần; nhiều giá trị của một trường đặt vào một danh sách",
    ),
    (
        "the text is one Sigma filter: title, logsource and filter",
        "nội dung phải là một bộ lọc Sigma: title, logsource và filter",
    ),
    (
        "the filter is not on the rule {}: it does not name it",
        "bộ lọc không tác động đến luật {}: nó không nêu luật này",
    ),
    (
        "the filter is on {} rules; it may be on at most {}",
        "bộ lọc tác động đến {} luật; nhiều nhất được {}",
    ),
    ("the filter is longer than {} bytes", "bộ lọc dài quá {} byte"),
    (
        "a correlation is tuned by filters on the rules that it counts",
        "tương quan được tinh chỉnh bằng bộ lọc trên các luật mà nó đếm",
    ),
    ("there is no class «{}»", "không có loại chi «{}»"),
    ("the year is {} to {}", "năm từ {} đến {}"),
    ("an amount is at most {} đồng", "một khoản nhiều nhất {} đồng"),
    (
        "the class «{}» is not security: its share is 0 %",
        "loại chi «{}» không phải an ninh mạng: tỷ lệ là 0%",
    ),
    (
        "a line of the class «{}» has a share of security above 0 %; what has none is of a class that is not security",
        "dòng thuộc loại chi «{}» phải có tỷ lệ an ninh mạng trên 0%; không có thì chọn loại chi khác",
    ),
    (
        "a share between 0 and 100 % needs a written reason",
        "tỷ lệ trên 0 và dưới 100% phải có lý do bằng văn bản",
    ),
    (
        "what is not domestic needs a written reason",
        "không dùng sản phẩm trong nước thì phải ghi lý do",
    ),
    ("a line reduces at most {} risks", "một dòng gắn nhiều nhất {} rủi ro"),
    (
        "it bears the mark of secrecy «{}»: the centre takes nothing that is secret",
        "nội dung mang dấu «{}»: trung tâm không nhận thông tin mật",
    ),
    (
        "«{}» is no code of a line: 1 to {} of a–z, 0–9 and hyphen, beginning and ending with a letter or digit",
        "«{}» không phải mã dòng: 1 đến {} ký tự a–z, 0–9 và gạch nối, đầu và cuối là chữ hoặc số",
    ),
    (
        "«{}» is no code of a risk: 1 to {} of a–z, 0–9 and hyphen, beginning and ending with a letter or digit",
        "«{}» không phải mã rủi ro: 1 đến {} ký tự a–z, 0–9 và gạch nối, đầu và cuối là chữ hoặc số",
    ),
    (
        "the lines of a plan are together at most {} đồng",
        "các dòng của một kế hoạch cộng lại nhiều nhất {} đồng",
    ),
    ("a plan has at most {} lines", "một kế hoạch có nhiều nhất {} dòng"),
    ("line {} was bought: that stays", "dòng {} đã mua: phải giữ lại"),
    (
        "the same is claimed by line {} of this plan already",
        "dòng {} của kế hoạch này đã kê khoản này",
    ),
    (
        "the same purchase is claimed by line {} of {} already",
        "dòng {} của {} đã kê chính khoản mua này",
    ),
    (
        "the same purchase is claimed by another agency already",
        "cơ quan khác đã kê chính khoản mua này",
    ),
    ("{} has no risk {}", "{} không có rủi ro {}"),
    ("the day of the purchase is still to come", "ngày mua chưa đến"),
    ("the day of the decision is still to come", "ngày quyết định chưa đến"),
    (
        "the day of the decision is before {}, on which the dossier was handed in",
        "ngày quyết định trước ngày {} là ngày trình hồ sơ",
    ),
    (
        "there is no plan to approve: add its lines first",
        "chưa có kế hoạch để duyệt: hãy thêm các dòng trước",
    ),
    (
        "share: «{}» is not percent from 0 to 100 with up to four decimals",
        "tỷ lệ: «{}» không phải phần trăm từ 0 đến 100 với nhiều nhất bốn chữ số lẻ",
    ),
    ("{}: «{}» is not whole đồng", "{}: «{}» không phải số đồng nguyên"),
    (
        "{}: «{}» is no day like 2026-10-15 or 15/10/2026",
        "{}: «{}» không phải ngày như 2026-10-15 hoặc 15/10/2026",
    ),
    ("domestic: «{}» is neither yes nor no", "trong nước: «{}» không phải có hay không"),
    ("a file of lines is at most {} KiB", "tệp các dòng dài nhất {} KiB"),
    ("the file is not CSV in UTF-8", "tệp không phải CSV bằng UTF-8"),
    (
        "the file bears the mark «{}»; nothing of it was kept",
        "tệp mang dấu mật «{}»; không lưu gì của tệp này",
    ),
    (
        "tell when the scan was run: the file does not",
        "xin ghi thời điểm rà quét: trong tệp không có",
    ),
    (
        "there is no line of titles with code, name, class and planned",
        "không có dòng tiêu đề với mã dòng, nội dung, loại chi và kế hoạch",
    ),
    ("there is no line in the file", "trong tệp không có dòng nào"),
    ("planned", "kế hoạch"),
    ("allocated", "đã cấp"),
    ("spent", "đã chi"),
    ("bought", "ngày mua"),
    ("support_end", "hết hỗ trợ"),
    ("renewal", "ngày gia hạn"),
    (
        "what is left after treatment is not more likely or graver than before",
        "phần còn lại sau xử lý không thể cao hơn trước",
    ),
    ("a risk names at most {} records", "một rủi ro nêu nhiều nhất {} bản ghi"),
    ("risk {} is not open: open it again first", "rủi ro {} không mở: hãy mở lại trước"),
    ("risk {} is open already", "rủi ro {} đang mở"),
    (
        "a {} risk is closed by a record that shows its treatment: name one that counts",
        "rủi ro mức {} chỉ đóng khi có bản ghi chứng minh đã xử lý: hãy nêu một bản ghi còn giá trị",
    ),
    (
        "an acceptance of a {} risk ends between tomorrow and {} days from now",
        "chấp nhận rủi ro mức {} phải hết hạn từ ngày mai đến {} ngày tới",
    ),
    ("{} × {}: {}; {} to {} đồng a year", "{} × {}: {}; từ {} đến {} đồng một năm"),
    ("{} × {}: {}", "{} × {}: {}"),
    ("the acceptance ended on {}", "hạn chấp nhận đã hết ngày {}"),
    ("low", "thấp"),
    ("medium", "trung bình"),
    ("high", "cao"),
    ("critical", "nghiêm trọng"),
    ("{} has a risk {} already; choose another code", "{} đã có rủi ro {}; xin chọn mã khác"),
    (
        "no risk of {} is registered: an assessment finds at least one",
        "chưa ghi nhận rủi ro nào của {}: đánh giá phải nêu ít nhất một",
    ),
    (
        "record {} of the ledger is none of {} that shows a treatment of this risk",
        "bản ghi {} trong sổ không phải của {} hoặc không chứng minh xử lý rủi ro này",
    ),
    ("record {} of the ledger counts no more", "bản ghi {} trong sổ không còn giá trị"),
    ("risk {} was changed meanwhile", "rủi ro {} vừa được người khác thay đổi"),
    ("«{}» is no number of a record", "«{}» không phải số của bản ghi"),
    ("the scenario", "kịch bản"),
    ("the threat", "mối đe dọa"),
    ("the decision", "số quyết định"),
    ("the joint purchase", "mã mua sắm chung"),
    ("there is no rule {}", "không có luật {}"),
    ("filter {} was ended before", "bộ lọc {} đã kết thúc từ trước"),
    (
        "agency {} stands above {} already: choose another agency above it",
        "cơ quan {} đang đứng trên {}: xin chọn cơ quan cấp trên khác",
    ),
    (
        "an agency outside the scope cannot run the centre",
        "cơ quan ngoài phạm vi không vận hành trung tâm",
    ),
    (
        "the agency {} has systems: retire them before it leaves the scope",
        "cơ quan {} còn hệ thống: cho dừng các hệ thống trước khi đưa ra ngoài phạm vi",
    ),
    (
        "the agency {} is outside the scope: only its name is kept",
        "cơ quan {} ngoài phạm vi: chỉ giữ tên",
    ),
    (
        "an agency names its {}: the register has no agency that nobody answers for",
        "cơ quan phải nêu {}: không để cơ quan không có người chịu trách nhiệm",
    ),
    ("the duty {} is named twice", "{} nêu hai lần"),
    ("the appointment of the {} ends before it was signed", "bổ nhiệm {} kết thúc trước ngày ký"),
    ("the appointment of the {} lasts longer than {} years", "bổ nhiệm {} dài quá {} năm"),
    ("head", "người đứng đầu"),
    ("deputy", "cấp phó"),
    ("officer", "cán bộ phụ trách"),
    ("«{}» is no mail address", "«{}» không phải địa chỉ thư"),
    (
        "«{}» is no number: digits, blanks, full stops, hyphens, brackets and a leading +",
        "«{}» không phải số máy: chỉ chữ số, dấu cách, chấm, gạch nối, ngoặc và dấu + ở đầu",
    ),
    ("an agency has at most {} contacts", "một cơ quan có nhiều nhất {} đầu mối"),
    (
        "only somebody of the agency confirms what is registered of it",
        "chỉ người của cơ quan xác nhận kê khai của cơ quan mình",
    ),
    ("«{}» is no day", "«{}» không phải ngày"),
    (
        "a system in an isolated network cannot be reached from the Internet: choose one of the two",
        "hệ thống trong mạng cách ly không thể truy cập từ Internet: xin chọn một trong hai",
    ),
    (
        "a critical system needs both recovery objectives (RTO and RPO)",
        "hệ thống trọng yếu cần cả hai mục tiêu khôi phục (RTO và RPO)",
    ),
    ("a recovery objective is at most {} minutes", "mục tiêu khôi phục nhiều nhất {} phút"),
    ("there is no site {}; register it first", "chưa có nơi đặt {}; xin đăng ký trước"),
    ("there is no system {} in use", "không có hệ thống {} đang dùng"),
    ("a system needs at most {} others", "một hệ thống cần nhiều nhất {} hệ thống khác"),
    (
        "systems cannot need each other in a circle: {}",
        "các hệ thống không thể cần nhau thành vòng: {}",
    ),
    (
        "{} systems need {}: {}; let them need something else before it is retired",
        "{} hệ thống cần {}: {}; chuyển chúng sang hệ thống khác trước khi dừng",
    ),
    (
        "the agency of a system does not change: its events bear it",
        "cơ quan chủ quản của hệ thống không đổi được: sự kiện đã mang tên cơ quan",
    ),
    ("the scope is one of {}", "phạm vi là một trong {}"),
    (
        "a cryptographic product names the body that answers for it: civil, security or cipher",
        "sản phẩm mật mã phải nêu cơ quan quản lý: dân sự, công an hoặc cơ yếu",
    ),
    ("the contract ends before it begins", "hợp đồng kết thúc trước khi bắt đầu"),
    (
        "«{}» is no window such as 1-5 08:00-17:00",
        "«{}» không phải khung giờ, ví dụ 1-5 08:00-17:00",
    ),
    ("«{}» is no {}: write {}", "«{}» không phải {}: ví dụ {}"),
    ("domain", "tên miền"),
    ("range of addresses", "dải địa chỉ"),
    ("name of a certificate", "tên trong chứng thư"),
    ("address of a page", "địa chỉ trang"),
    ("service", "dịch vụ"),
    ("a service names its system", "dịch vụ phải nêu hệ thống"),
    ("the agency {} has no system {}", "cơ quan {} không có hệ thống {}"),
    ("{} is registered by another agency", "{} đã do cơ quan khác đăng ký"),
    ("the kind of a site is one of {}", "loại nơi đặt là một trong {}"),
    ("an inventory is at most {} MiB", "danh mục thành phần lớn nhất {} MiB"),
    ("the inventory is no JSON: line {}, column {}", "danh mục không phải JSON: dòng {}, cột {}"),
    (
        "bomFormat: the inventory is to be CycloneDX in JSON",
        "bomFormat: danh mục phải là CycloneDX dạng JSON",
    ),
    (
        "specVersion: «{}» is not read, only 1.2 and later",
        "specVersion: không đọc «{}», chỉ đọc từ 1.2 trở đi",
    ),
    ("components: the inventory names none", "components: danh mục không có thành phần nào"),
    ("{}: a list is expected", "{}: phải là danh sách"),
    ("{}: a text is expected", "{}: phải là chữ"),
    ("{}: it is missing", "{}: còn thiếu"),
    ("{}: an inventory names at most {}", "{}: danh mục có nhiều nhất {} thành phần"),
    ("choose a file", "xin chọn tệp"),
    ("the name of the holder", "họ tên"),
    ("the post", "chức vụ"),
    ("the document", "số văn bản"),
    ("the role", "việc của đầu mối"),
    ("the mail address", "địa chỉ thư"),
    ("the contract", "hợp đồng"),
    ("the service", "dịch vụ"),
    ("the value", "tên hoặc địa chỉ"),
    ("the cell is empty", "còn trống"),
    ("must be yes or no", "phải là có hoặc không"),
    ("must be a number from 1 to 5", "phải là số từ 1 đến 5"),
    ("must be one of {}", "phải là một trong {}"),
    ("must be some of {}", "phải gồm các mục trong {}"),
    ("must be a day such as 15/10/2026", "phải là ngày, ví dụ 15/10/2026"),
    ("must be a whole number of minutes", "phải là số phút nguyên"),
    (
        "must be a code: small letters, digits and hyphens",
        "phải là mã: chữ thường không dấu, số và gạch nối",
    ),
    ("must be the name of a host", "phải là tên máy"),
    ("must be an address such as 192.0.2.10", "phải là địa chỉ, ví dụ 192.0.2.10"),
    ("the same stands in row {}", "trùng với dòng {}"),
    ("there is no system {}", "không có hệ thống {}"),
    ("the agency is outside the scope", "cơ quan ngoài phạm vi được giao"),
    (
        "military systems are the Ministry of National Defence's and are not registered here ({})",
        "hệ thống quân sự do Bộ Quốc phòng quản lý, không đăng ký ở đây ({})",
    ),
    (
        "systems of the cipher sector are that sector's and are not registered here ({})",
        "hệ thống cơ yếu do ngành cơ yếu quản lý, không đăng ký ở đây ({})",
    ),
    ("the file is empty", "tệp trống"),
    ("the file lacks the columns {}", "tệp thiếu các cột {}"),
    ("{}: the column «{}» is there twice", "{}: cột «{}» có hai lần"),
    ("a file to import is at most {} MiB", "tệp nhập lớn nhất {} MiB"),
    (
        "the file is neither CSV in UTF-8 nor XLSX",
        "tệp không phải CSV dạng UTF-8 cũng không phải XLSX",
    ),
    ("{}: a cell is at most {} bytes long", "{}: một ô dài nhất {} byte"),
    ("the file cannot be read as CSV", "không đọc được tệp CSV"),
    ("the file cannot be read as XLSX", "không đọc được tệp XLSX"),
    ("the file unpacks to more than {} MiB", "tệp bung ra quá {} MiB"),
    ("the file has no worksheet", "tệp không có trang tính"),
    ("row {}: a file has at most {} columns", "dòng {}: tệp có nhiều nhất {} cột"),
    ("row {}: rows are read to number {}", "dòng {}: chỉ đọc đến dòng {}"),
    ("a file has at most {} rows", "tệp có nhiều nhất {} dòng"),
    ("line {}: {}", "dòng {}: {}"),
    (
        "a source has at most {} formats, named without blanks",
        "một nguồn có nhiều nhất {} dạng nhật ký",
    ),
    (
        "a source has at most {} addresses and networks",
        "một nguồn có nhiều nhất {} địa chỉ và dải mạng",
    ),
    (
        "addresses and networks are for syslog over UDP; other ways use a token or certificate",
        "địa chỉ và dải mạng chỉ dùng cho syslog qua UDP; cách khác dùng mã truy cập hoặc chứng thư",
    ),
    (
        "{} is too wide: at least /8 for IPv4 and /32 for IPv6",
        "{} quá rộng: ít nhất /8 với IPv4 và /32 với IPv6",
    ),
    (
        "the rate must let at least one event and 1024 bytes a second through",
        "tốc độ phải cho qua ít nhất một sự kiện và 1024 byte mỗi giây",
    ),
    ("the heartbeat must be at least {} seconds", "nhịp phải dài ít nhất {} giây"),
    (
        "«{}» is neither an address nor a network such as 192.0.2.0/24",
        "«{}» không phải địa chỉ hay dải mạng như 192.0.2.0/24",
    ),
    (
        "«{}» has bits beyond its prefix; the network is {}",
        "«{}» thừa bit ngoài tiền tố; dải mạng là {}",
    ),
    ("no format is called «{}»", "không có dạng nhật ký «{}»"),
    (
        "the system {} has a source «{}» already; choose another name",
        "hệ thống {} đã có nguồn «{}»; xin chọn tên khác",
    ),
    ("there is a system {} already; choose another code", "đã có hệ thống {}; xin chọn mã khác"),
    ("there is an agency {} already; choose another code", "đã có cơ quan {}; xin chọn mã khác"),
    ("there is no agency {}; register it first", "chưa có cơ quan {}; xin đăng ký trước"),
    ("agency {} is not registered", "cơ quan {} chưa đăng ký"),
    ("agency {} cannot be its own parent", "cơ quan {} không thể là cấp trên của chính mình"),
    (
        "«{}» is no code: 1 to {} of a–z, 0–9 and hyphen, beginning and ending with a letter or digit",
        "«{}» không phải mã: 1 đến {} ký tự a–z, 0–9 và gạch nối, đầu và cuối là chữ hoặc số",
    ),
    (
        "a user name has 2 to {} of a–z, 0–9, full stop and hyphen, beginning with a letter and ending with a letter or digit",
        "tên đăng nhập có 2 đến {} ký tự a–z, 0–9, chấm và gạch nối, bắt đầu bằng chữ, kết thúc bằng chữ hoặc số",
    ),
    ("{} is somebody's name already", "đã có người mang tên đăng nhập {}"),
    (
        "an officer belongs to one agency or a few: name them",
        "cán bộ an ninh mạng thuộc một hoặc vài cơ quan: xin chọn",
    ),
    ("the agencies are named, or all are meant", "xin chọn cơ quan, hoặc chọn mọi cơ quan"),
    (
        "this is the last administrator who can sign in and has no last day: name another one first",
        "đây là quản trị cuối cùng còn đăng nhập được: xin có người khác trước",
    ),
    (
        "a token expires between now and {} days from now",
        "mã truy cập hết hạn trong vòng {} ngày tới",
    ),
    (
        "ingest is for tokens of sources, made with the source",
        "quyền gửi sự kiện đi cùng mã của nguồn",
    ),
    (
        "a token allows something, in all or 1 to {} agencies",
        "mã truy cập cần ít nhất một quyền, ở mọi hoặc 1 đến {} cơ quan",
    ),
    ("the held events begin before they end", "lúc đầu của khoảng giữ lại phải trước lúc cuối"),
    (
        "a hold expires after it was placed, or never",
        "lệnh giữ hết hạn sau lúc đặt, hoặc không hết hạn",
    ),
    ("hold {} was lifted before", "lệnh giữ {} đã gỡ từ trước"),
    ("suppression {} was ended before", "lần tạm ẩn {} đã kết thúc từ trước"),
    (
        "a suppression names a rule, an entity or a field: nothing hides everything",
        "tạm ẩn phải nêu luật, đối tượng hoặc trường: không được ẩn tất cả",
    ),
    ("a suppression has at most {} fields", "tạm ẩn dùng nhiều nhất {} trường"),
    (
        "a suppression expires between now and {} days from now",
        "tạm ẩn hết hạn trong vòng {} ngày tới",
    ),
    (
        "an incident begins with an alert: name at least one",
        "sự cố bắt đầu từ ít nhất một cảnh báo",
    ),
    ("an incident has at most {} alerts", "một sự cố có nhiều nhất {} cảnh báo"),
    ("alert {} belongs to {}, which is not closed", "cảnh báo {} thuộc {}, chưa đóng"),
    ("alert {} belongs to {} already", "cảnh báo {} đã thuộc {}"),
    ("{} is closed; open it again to add to it", "{} đã đóng; mở lại rồi hãy ghép thêm"),
    ("an incident cannot go from {} to {}", "sự cố không thể chuyển từ {} sang {}"),
    (
        "whoever wrote the note does not take over from themselves: the next shift does",
        "người viết ghi chú không tự nhận ca: người ca sau nhận",
    ),
    ("the note was acknowledged before", "ghi chú này đã có người nhận"),
    ("a search shows at most {} columns", "tìm kiếm hiện nhiều nhất {} cột"),
    ("the lead: {}", "người chủ trì: {}"),
    ("the two passwords differ", "hai lần gõ mật khẩu khác nhau"),
    // Dossiers, projects, assessments, findings.
    (
        "the SHA-256 of a document is 64 hexadecimal digits",
        "SHA-256 của văn bản là 64 chữ số thập lục phân",
    ),
    ("a dossier refers to at most {} documents", "hồ sơ dẫn chiếu nhiều nhất {} văn bản"),
    ("a dossier refers to at least one document", "hồ sơ phải dẫn chiếu ít nhất một văn bản"),
    (
        "a dossier is too long: say less here and more in the documents",
        "hồ sơ dài quá: xin viết gọn, phần còn lại để trong văn bản",
    ),
    ("the reason for «{}» is missing", "còn thiếu lý do cho «{}»"),
    ("«{}» is not answered", "chưa trả lời «{}»"),
    (
        "«{}» needs a word, since the answer is not yes",
        "«{}» cần giải thích vì trả lời không phải «Có»",
    ),
    ("the dossier is {}: {} is not done now", "hồ sơ đang ở bước {}: lúc này chưa làm được {}"),
    (
        "whoever takes part in «{}» of a dossier does not take part in «{}»: somebody else has to",
        "người đã làm «{}» của hồ sơ không được làm «{}»: phải là người khác",
    ),
    ("prepare", "soạn, trình"),
    ("appraise", "thẩm định"),
    ("approve", "phê duyệt"),
    ("draft", "đang soạn"),
    ("submitted", "đã trình"),
    ("returned", "trả lại"),
    ("appraised", "đã thẩm định"),
    ("approved", "đã phê duyệt"),
    ("submit", "trình"),
    ("return", "trả lại"),
    ("change", "sửa"),
    (
        "a dossier of this kind is under way for {}: go on with that one",
        "đang có hồ sơ loại này cho {}: xin làm tiếp hồ sơ đó",
    ),
    ("the scope", "mô tả phạm vi"),
    ("what must change", "nội dung phải sửa"),
    ("the conclusion", "kết luận"),
    ("the number of the decision", "số quyết định"),
    ("the document's title", "tên văn bản"),
    ("the document's number", "số văn bản"),
    ("the report", "số báo cáo"),
    ("the tool", "công cụ"),
    ("the place", "vị trí"),
    ("the rule", "mã kiểm tra"),
    ("the word to an answer", "lời giải thích"),
    (
        "the appraisal of the security design of {} is not approved: there is no decision before it",
        "thẩm định cấu phần an ninh mạng của {} chưa được phê duyệt: chưa được quyết định đầu tư",
    ),
    (
        "the appraisal was approved on {}: a decision comes on a later day",
        "thẩm định được phê duyệt ngày {}: quyết định đầu tư phải sau ngày đó",
    ),
    (
        "the appraisal was approved in time and the estimate has a part for security: no exception is needed",
        "thẩm định đã được phê duyệt kịp và dự toán có phần an ninh mạng: không cần ghi lý do",
    ),
    (
        "the estimate of {} has no part for security: there is no decision before it",
        "dự toán của {} chưa có phần an ninh mạng: chưa được quyết định đầu tư",
    ),
    (
        "what is for security is between 0 đồng and what is planned",
        "phần an ninh mạng từ 0 đồng đến bằng kinh phí dự kiến",
    ),
    ("security: «{}» is not whole đồng", "phần an ninh mạng: «{}» không phải số đồng nguyên"),
    (
        "project {} was decided or changed meanwhile",
        "dự án {} vừa được quyết định hoặc thay đổi: xin xem lại",
    ),
    // What risks and incidents cost.
    (
        "the loss of one occurrence: the lower bound is above the upper one",
        "thiệt hại một lần: cận dưới lớn hơn cận trên",
    ),
    (
        "times in ten years: the lower bound is above the upper one",
        "số lần trong mười năm: cận dưới lớn hơn cận trên",
    ),
    ("one occurrence costs at most {} đồng", "thiệt hại một lần nhiều nhất {} đồng"),
    ("something comes at most {} times in ten years", "số lần trong mười năm nhiều nhất là {}"),
    (
        "the expected loss is beyond {} đồng a year: more cannot be counted",
        "thiệt hại dự kiến vượt {} đồng một năm: không tính được nữa",
    ),
    (
        "the expected loss after treatment is at no bound above the one before",
        "thiệt hại dự kiến sau xử lý không được lớn hơn trước xử lý, ở cả hai cận",
    ),
    (
        "a loss after treatment needs the loss before it",
        "có thiệt hại sau xử lý thì phải có thiệt hại khi chưa xử lý",
    ),
    (
        "a loss after treatment needs what is left: likelihood and impact after treatment",
        "có thiệt hại sau xử lý thì phải có khả năng và tác động còn lại",
    ),
    (
        "{}: a loss has four bounds; fill in all of them, or leave all empty",
        "{}: thiệt hại gồm bốn ô; xin điền đủ bốn ô hoặc để trống cả bốn",
    ),
    ("{}: «{}» is no whole number", "{}: «{}» không phải số nguyên"),
    ("loss_low", "một lần, từ"),
    ("loss_high", "một lần, đến"),
    ("times_low", "số lần trong mười năm, từ"),
    ("times_high", "số lần trong mười năm, đến"),
    ("residual_loss_low", "còn lại một lần, từ"),
    ("residual_loss_high", "còn lại một lần, đến"),
    ("residual_times_low", "số lần còn lại trong mười năm, từ"),
    ("residual_times_high", "số lần còn lại trong mười năm, đến"),
    ("the loss of an incident is at most {} đồng", "thiệt hại của sự cố nhiều nhất {} đồng"),
    ("amount: «{}» is not whole đồng", "số tiền: «{}» không phải số đồng nguyên"),
    ("what was counted", "nội dung đã tính"),
    ("project {} was decided before", "dự án {} đã có quyết định"),
    ("{} has a project {} already; choose another code", "{} đã có dự án {}; xin chọn mã khác"),
    ("what is planned is between 1 and {} đồng", "kinh phí từ 1 đến {} đồng"),
    ("planned: «{}» is not whole đồng", "kinh phí: «{}» không phải số đồng nguyên"),
    (
        "the day lies between 800 days ago and today",
        "ngày phải trong 800 ngày vừa qua, không sau hôm nay",
    ),
    ("the finding is not open", "phát hiện không còn mở"),
    ("nobody has said yet that it is repaired", "chưa ai báo đã sửa"),
    (
        "whoever repaired it does not retest it: somebody else has to look",
        "người sửa không tự kiểm tra lại: phải là người khác",
    ),
    (
        "a {} finding is borne until a day between tomorrow and {} days from now",
        "phát hiện mức {} chỉ được chấp nhận từ ngày mai đến {} ngày nữa",
    ),
    ("the acceptance has ended", "hết hạn chấp nhận"),
    ("a later scan by {} was imported before", "đã nhập một lần rà quét sau đó của {}"),
    ("a file of findings is at most {} MiB", "tệp kết quả lớn nhất {} MiB"),
    ("a table of findings is at most {} MiB", "bảng kết quả lớn nhất {} MiB"),
    ("a file has at most {} findings", "một tệp có nhiều nhất {} phát hiện"),
    ("name the tool that found it: the file does not", "xin ghi tên công cụ: trong tệp không có"),
    (
        "there is no line of titles with rule, title, severity and place",
        "không có dòng tiêu đề với các cột mã, tiêu đề, mức và vị trí",
    ),
    (
        "«{}» is none of low, medium, high, critical",
        "«{}» không phải thấp, trung bình, cao hay nghiêm trọng",
    ),
    ("«{}» names no CVE", "«{}» không phải mã CVE"),
    ("the file is no JSON: line {}, column {}", "tệp không phải JSON: dòng {}, cột {}"),
    ("version: SARIF 2.1.0 is read, not «{}»", "version: chỉ đọc SARIF 2.1.0, không đọc «{}»"),
    ("it is missing", "còn thiếu"),
    (
        "the scan did not end well: what it did not find may still be there",
        "lần rà quét không kết thúc tốt: thứ không thấy có thể vẫn còn",
    ),
    (
        "the scan was run at a moment that is to come, or longer ago than 800 days",
        "thời điểm rà quét ở tương lai hoặc quá 800 ngày trước",
    ),
    ("{}: hand in one file for each tool", "{}: mỗi công cụ một tệp"),
    ("a number from 0 to 10 is expected", "phải là số từ 0 đến 10"),
    ("none, note, warning or error is expected", "phải là none, note, warning hoặc error"),
    (
        "it is no moment such as 2026-10-15T01:00:00Z",
        "không phải thời điểm, ví dụ 2026-10-15T01:00:00Z",
    ),
    ("{} was changed meanwhile", "{} vừa được người khác thay đổi"),
    ("the note", "ghi chú"),
    ("the title", "tên"),
    ("the filter", "bộ lọc"),
    ("{} is empty", "{} chưa được điền"),
    ("{} is longer than {} bytes", "{} dài quá {} byte"),
    ("{} holds a control character", "{} có ký tự điều khiển"),
    ("the password is wrong", "mật khẩu không đúng"),
    ("a password has at least {} characters", "mật khẩu có ít nhất {} ký tự"),
    ("a password has at most {} characters", "mật khẩu có nhiều nhất {} ký tự"),
    (
        "this password is easily guessed: it is the user's name or a common word",
        "mật khẩu này dễ đoán: là tên đăng nhập hoặc từ quá quen",
    ),
    (
        "this password is easily guessed: it repeats few characters",
        "mật khẩu này dễ đoán: chỉ lặp vài ký tự",
    ),
    (
        "the code is not right: check the clock of the phone and type the newest",
        "mã không đúng: kiểm tra đồng hồ của điện thoại và gõ mã mới nhất",
    ),
    ("the passkey was not accepted", "khóa truy cập không được chấp nhận"),
    ("this passkey is registered already", "khóa truy cập này đã đăng ký"),
    ("the registration took too long: begin again", "đăng ký quá lâu: xin làm lại từ đầu"),
    ("setting up took too long: begin again", "thiết lập quá lâu: xin làm lại từ đầu"),
    (
        "this role needs a second factor: add a passkey first",
        "vai trò này cần yếu tố thứ hai: thêm khóa truy cập trước",
    ),
    (
        "this role needs a second factor: set up an authenticator first",
        "vai trò này cần yếu tố thứ hai: thiết lập ứng dụng xác thực trước",
    ),
    ("recovery codes go with an authenticator", "mã khôi phục đi cùng ứng dụng xác thực"),
    ("alert {} was changed meanwhile", "cảnh báo {} vừa được người khác thay đổi"),
    ("an alert cannot go from {} to {}", "cảnh báo không thể chuyển từ {} sang {}"),
    ("the permission {} is needed", "cần quyền {}"),
    ("agency {} is outside the scope", "cơ quan {} ngoài phạm vi được giao"),
    ("{} needs a scope over all agencies", "{} cần phạm vi mọi cơ quan"),
    // Attesting, reviewing, rounds.
    ("this must be filled in", "phải điền ô này"),
    (
        "this must be a whole number from 0, in digits alone",
        "phải là số nguyên từ 0, chỉ gồm chữ số",
    ),
    ("this must be yes or no", "phải chọn có hoặc không"),
    ("this must be one line of at most {} bytes", "phải là một dòng dài nhất {} byte"),
    ("this must be a day", "phải là một ngày"),
    ("this must be a day with a time", "phải là ngày có giờ"),
    ("this must be one of the list", "phải chọn trong danh sách"),
    ("this must be 64 hexadecimal digits", "phải là 64 chữ số thập lục phân"),
    ("this must be a year like 2026", "phải là năm, ví dụ 2026"),
    ("this must be a month like 2026-10", "phải là tháng, ví dụ 2026-10"),
    ("this must be the number of a record", "phải là số của một bản ghi"),
    ("this day is still to come", "ngày này chưa đến"),
    ("this ends before it begins", "hết hạn trước khi có hiệu lực"),
    ("longer ago than 800 days; nothing counts it", "đã quá 800 ngày, không tính vào đâu"),
    ("choose a system of the agency", "xin chọn một hệ thống của cơ quan"),
    ("this agency is not in the register", "cơ quan này không có trong danh bạ"),
    (
        "this bears a mark of secrecy: the centre takes nothing that is secret",
        "có dấu độ mật: trung tâm không nhận nội dung bí mật nhà nước",
    ),
    (
        "title, number, day and SHA-256 have at most 200 bytes together: shorten the title",
        "tên, số, ngày và SHA-256 cộng lại dài nhất 200 byte: xin rút ngắn tên",
    ),
    (
        "this is after the cut-off of the round: the correction would not count",
        "sau thời điểm chốt của kỳ: đính chính sẽ không được tính",
    ),
    (
        "whoever decides belongs to an agency of their own: an administrator names it",
        "người quyết định phải thuộc một cơ quan: quản trị ghi cơ quan đó",
    ),
    (
        "this is of your own agency: somebody of another agency decides",
        "việc của cơ quan bạn: người của cơ quan khác quyết định",
    ),
    ("this is your own word: somebody else decides", "lời của chính bạn: người khác quyết định"),
    (
        "you have confirmed this before: a second person looks at it again",
        "bạn đã xác nhận bản ghi này: người thứ hai xem lại",
    ),
    (
        "an appraiser belongs to an agency of their own: name it",
        "người thẩm định phải thuộc một cơ quan: xin chọn",
    ),
    (
        "the round of {} is frozen: what was so until {} changes by an accepted appeal alone",
        "kỳ {} đã chốt: việc có đến {} chỉ còn đổi được bằng khiếu nại được chấp nhận",
    ),
    (
        "the round of {} is frozen: publish it before another is",
        "kỳ {} đã chốt: xin công bố kỳ đó trước khi chốt kỳ khác",
    ),
    (
        "cut-off: what an accepted appeal corrects is so from {} on, and would not count",
        "thời điểm chốt: đính chính của khiếu nại đã chấp nhận có từ {}, sẽ không được tính",
    ),
    (
        "the centre itself has recorded this (record {}): it changes where that was recorded, or by an appeal",
        "chính trung tâm đã ghi nhận việc này (bản ghi {}): chỉ đổi ở nơi đã ghi nhận, hoặc bằng khiếu nại",
    ),
    (
        "«{}» is decided where the centre records it",
        "«{}» được quyết định ở nơi trung tâm ghi nhận",
    ),
    (
        "{} records of the sample were not looked at again",
        "còn {} bản ghi của mẫu chưa được xem lại",
    ),
    ("{} comments or appeals wait for a decision", "còn {} góp ý, khiếu nại chờ quyết định"),
    ("the round of {} was changed meanwhile", "kỳ {} vừa được người khác thay đổi"),
    ("there is a round of {} already", "đã có kỳ {}"),
    ("cut-off: this moment is still to come", "thời điểm chốt: chưa đến lúc này"),
    ("record {} was decided meanwhile", "bản ghi {} vừa được người khác quyết định"),
    ("record {} was looked at meanwhile", "bản ghi {} vừa được người khác xem lại"),
    ("record {} is none of {}", "bản ghi {} không phải của {}"),
    ("record {} is not counted by {}", "bản ghi {} không tính cho {}"),
    (
        "record {} is not one of the same kind and subject",
        "bản ghi {} không cùng loại và đối tượng",
    ),
    ("its time is over: nothing is left to confirm", "đã hết hạn, không còn gì để xác nhận"),
    ("the round of {} is open", "kỳ {} đang mở"),
    ("the round of {} is in its review", "kỳ {} đang rà soát"),
    ("the round of {} is frozen", "kỳ {} đã chốt"),
    ("the round of {} is published", "kỳ {} đã công bố"),
    (
        "the round of {} takes no comments and appeals: it is still open",
        "kỳ {} chưa nhận góp ý, khiếu nại: đang mở",
    ),
    (
        "the round of {} takes no comments and appeals: it is published",
        "kỳ {} không nhận góp ý, khiếu nại nữa: đã công bố",
    ),
    (
        "appeal {} was decided or its round published meanwhile",
        "khiếu nại {} vừa được quyết định hoặc kỳ vừa công bố",
    ),
    ("«{}» is no day with a time", "«{}» không phải ngày có giờ"),
    ("the comment", "ghi chú"),
    ("the reason", "lý do"),
    ("the owner", "người chịu trách nhiệm"),
    ("the name", "tên"),
    ("the person's name", "tên người"),
    ("the passkey's name", "tên khóa truy cập"),
];

/// A sentence in a language.
pub(super) fn in_language(language: Language, sentence: &str) -> String {
    if language == Language::English {
        return sentence.to_owned();
    }
    for (english, vietnamese) in SENTENCES {
        if let Some(values) = values(english, sentence) {
            let mut values = values.into_iter();
            let mut parts = vietnamese.split("{}");
            let mut text = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let value = values.next().unwrap_or_default();
                // A value may be a sentence's part of its own, such as the name of a field.
                text.push_str(&word(value));
                text.push_str(part);
            }
            return text;
        }
    }
    sentence.to_owned()
}

fn word(value: &str) -> String {
    let known = SENTENCES.iter().find(|(english, _)| *english == value);
    known.map_or_else(|| value.to_owned(), |(_, vietnamese)| (*vietnamese).to_owned())
}

/// The values at the places of a pattern, if a sentence is of it.
fn values<'s>(pattern: &str, sentence: &'s str) -> Option<Vec<&'s str>> {
    let mut parts = pattern.split("{}");
    let mut rest = sentence.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let parts: Vec<&str> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let end = if is_last {
            rest.len().checked_sub(part.len()).filter(|end| rest.get(*end..) == Some(*part))?
        } else {
            rest.find(part)?
        };
        values.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    (rest.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_in_vietnamese_with_their_values() {
        let vi = |text| in_language(Language::Vietnamese, text);
        assert_eq!(vi("a password has at least 12 characters"), "mật khẩu có ít nhất 12 ký tự");
        assert_eq!(vi("the comment is longer than 4000 bytes"), "ghi chú dài quá 4000 byte");
        assert_eq!(vi("the reason is empty"), "lý do chưa được điền");
        assert_eq!(vi("something unheard of"), "something unheard of");
        assert_eq!(
            in_language(Language::English, "the password is wrong"),
            "the password is wrong"
        );
    }

    #[test]
    fn both_sides_have_the_same_places() {
        for (english, vietnamese) in SENTENCES {
            assert_eq!(
                english.matches("{}").count(),
                vietnamese.matches("{}").count(),
                "{english}"
            );
        }
    }
}
