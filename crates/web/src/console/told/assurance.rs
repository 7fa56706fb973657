//! What dossiers, findings, losses, attestations and rounds refuse.

/// English and Vietnamese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
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
        "the appraisal was approved in time and the estimate has enough for security: no exception is needed",
        "thẩm định đã được phê duyệt kịp và dự toán đủ phần an ninh mạng: không cần ghi lý do",
    ),
    (
        "project {} names no dossier of its security design: there is no decision before one is approved",
        "dự án {} chưa gắn hồ sơ thẩm định cấu phần an ninh mạng của mình: chưa được quyết định đầu tư trước khi hồ sơ đó được phê duyệt",
    ),
    (
        "less than {} % of the estimate of {} is for security: there is no decision before it",
        "dưới {} % dự toán của {} dành cho an ninh mạng: chưa được quyết định đầu tư",
    ),
    (
        "dossier {} is no appraisal of a security design of {}",
        "hồ sơ {} không phải hồ sơ thẩm định cấu phần an ninh mạng của {}",
    ),
    (
        "dossier {} serves another project: appraise the design of this one in its own",
        "hồ sơ {} đã phục vụ dự án khác: xin lập hồ sơ thẩm định riêng cho dự án này",
    ),
    (
        "the design is of level {}, but {} is registered with level {}: {}",
        "thiết kế ghi cấp độ {}, nhưng kiểm kê ghi {} cấp độ {}: {}",
    ),
    (
        "choose that level and answer what it asks",
        "xin chọn cấp độ đó và trả lời các yêu cầu của cấp độ đó",
    ),
    (
        "return it, so that it is answered for that level",
        "xin trả lại để trả lời các yêu cầu của cấp độ đó",
    ),
    (
        "no policy of the gate is in force on {} ({}): nothing is let into use before there is one",
        "không có chính sách cổng an toàn còn hiệu lực vào ngày {} ({}): chưa hệ thống nào được đưa vào sử dụng trước khi có chính sách mới",
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
    ("one occurrence costs at most {} đồng", "thiệt hại một lần nhiều nhất {n} đồng"),
    ("something comes at most {} times in ten years", "số lần trong mười năm nhiều nhất là {}"),
    (
        "the expected loss is beyond {} đồng a year: more cannot be counted",
        "thiệt hại dự kiến vượt {n} đồng một năm: không tính được nữa",
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
        "a loss has four bounds; fill in all of them, or leave all empty",
        "thiệt hại gồm bốn ô; xin điền đủ bốn ô hoặc để trống cả bốn",
    ),
    ("«{}» is no whole number", "«{}» không phải số nguyên"),
    ("loss_low", "một lần, từ"),
    ("loss_high", "một lần, đến"),
    ("times_low", "số lần trong mười năm, từ"),
    ("times_high", "số lần trong mười năm, đến"),
    ("residual_loss_low", "còn lại một lần, từ"),
    ("residual_loss_high", "còn lại một lần, đến"),
    ("residual_times_low", "số lần còn lại trong mười năm, từ"),
    ("residual_times_high", "số lần còn lại trong mười năm, đến"),
    ("the loss of an incident is at most {} đồng", "thiệt hại của sự cố nhiều nhất {n} đồng"),
    ("amount: «{}» is not whole đồng", "số tiền: «{}» không phải số đồng nguyên"),
    ("what was counted", "nội dung đã tính"),
    ("project {} was decided before", "dự án {} đã có quyết định"),
    ("{} has a project {} already; choose another code", "{} đã có dự án {}; xin chọn mã khác"),
    ("what is planned is between 1 and {} đồng", "kinh phí từ 1 đến {n} đồng"),
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
    (
        "«{}» is how advisories are named: name the tool",
        "«{}» là tên gọi của khuyến cáo: xin ghi tên công cụ",
    ),
    ("a later version of {} was imported before", "đã nhập một phiên bản sau của {}"),
    (
        "the advisory touches more of the system than is looked at in one file",
        "khuyến cáo chạm đến quá nhiều sản phẩm, thành phần của hệ thống để đối chiếu trong một tệp",
    ),
    (
        "document.csaf_version: 2.0 and 2.1 are read, not «{}»",
        "document.csaf_version: chỉ đọc CSAF 2.0 và 2.1, không đọc «{}»",
    ),
    (
        "document.tracking.status: it is a draft, which may still change without a trace; hand in what was released",
        "document.tracking.status: đây là bản nháp, còn có thể đổi mà không để lại dấu vết; xin nộp bản đã ban hành",
    ),
    (
        "document.tracking.status: «{}» is none of draft, interim, final",
        "document.tracking.status: «{}» không phải draft, interim hay final",
    ),
    (
        "document.distribution.tlp.label: TLP:RED is for its recipients alone and may not be passed on to others; \
         nothing of it was kept",
        "document.distribution.tlp.label: TLP:RED chỉ dành cho người nhận, không được chuyển cho người khác; \
         không có gì của tệp này được lưu",
    ),
    (
        "document.distribution.tlp.label: «{}» is no label of TLP",
        "document.distribution.tlp.label: «{}» không phải nhãn TLP",
    ),
    (
        "document.tracking.current_release_date: it is no moment such as 2026-10-15T01:00:00Z",
        "document.tracking.current_release_date: không phải thời điểm, ví dụ 2026-10-15T01:00:00Z",
    ),
    (
        "document.tracking.current_release_date: it is to come",
        "document.tracking.current_release_date: ngày ban hành ở tương lai",
    ),
    ("{}: it is longer than {} bytes", "{}: dài quá {} byte"),
    (
        "{}.group_ids: groups of products are named too often in the document",
        "{}.group_ids: các nhóm sản phẩm được nêu quá nhiều lần trong tài liệu",
    ),
    (
        "{}: it is no address such as https://xuong-mau.example",
        "{}: không phải địa chỉ, ví dụ https://xuong-mau.example",
    ),
    ("{}: a list is expected", "{}: phải là danh sách"),
    (
        "vulnerabilities: a document has at most {}",
        "vulnerabilities: một tài liệu có nhiều nhất {n} lỗ hổng",
    ),
    (
        "{}.cve: it is missing, and so are ids and title",
        "{}.cve: còn thiếu, ids và title cũng không có",
    ),
    ("{}baseSeverity: it is no severity of CVSS", "{}baseSeverity: không phải mức của CVSS"),
    ("{}baseScore: a number from 0 to 10 is expected", "{}baseScore: phải là số từ 0 đến 10"),
    (
        "{}.branches: branches within branches are read {} deep",
        "{}.branches: nhánh trong nhánh chỉ được đọc đến {} tầng",
    ),
    ("{}.category: «{}» is no kind of relationship", "{}.category: «{}» không phải loại quan hệ"),
    ("{}: a document has at most {} products", "{}: một tài liệu có nhiều nhất {n} sản phẩm"),
    ("{}: «{}» stands there twice", "{}: «{}» được khai hai lần"),
    ("{}: «{}» is no product of the product tree", "{}: «{}» không có trong cây sản phẩm"),
    ("{}: «{}» is a part of itself", "{}: «{}» là một phần của chính nó"),
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
        "this role signs in with a passkey: add another one first",
        "vai trò này đăng nhập bằng khóa truy cập: hãy thêm một khóa khác trước",
    ),
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
    (
        "this is not the SHA-256 of the file: correct it or leave it empty",
        "đây không phải SHA-256 của tệp: xin sửa lại hoặc để trống",
    ),
    ("the file is empty", "tệp rỗng"),
    (
        "nobody can look into this kind of file for marks of secrecy: send the document itself, such as its PDF",
        "không thể kiểm tra dấu độ mật trong loại tệp này: xin gửi chính văn bản, ví dụ bản PDF",
    ),
    (
        "the file is larger than {}: reduce it, or keep it yourself and type its SHA-256",
        "tệp lớn hơn {}: xin giảm dung lượng, hoặc tự giữ tệp và chỉ ghi SHA-256",
    ),
    (
        "the name of the file has folders or characters that are not shown: rename the file",
        "tên tệp có thư mục hoặc ký tự không hiển thị: xin đổi tên tệp",
    ),
    (
        "the name of the file is longer than 200 bytes: rename the file",
        "tên tệp dài quá 200 byte: xin đổi tên tệp",
    ),
    (
        "the kept file is not the one that was brought: its SHA-256 differs, so it is not handed out; \
         ask the agency for the document and tell whoever keeps the database",
        "tệp đang giữ không còn là tệp đã gửi: SHA-256 khác nhau nên không cho tải; xin hỏi cơ quan để lấy \
         văn bản và báo người quản trị cơ sở dữ liệu",
    ),
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
