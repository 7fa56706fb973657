//! What is told of products and providers, as it stands.

/// Systems, name, maker, certificate, scope; in so many days its certificate and its support end; made
/// in the country; who answers for it and keeps its keys; whether its inventory is known.
pub(super) type Used = (
    &'static [&'static str],
    [&'static str; 4],
    [i64; 2],
    bool,
    Option<(&'static str, &'static str)>,
    bool,
);

pub(super) const USED: [Used; 9] = [
    (
        &["mh-vbdh", "mh-motcua", "mh-paht"],
        ["Phần mềm ký số Mẫu", "Công ty Ký số Mẫu", "GP-MMDS-57.MH", "ký và xác thực văn bản"],
        [-21, 400],
        true,
        Some(("civil", "Trưởng phòng Hành chính")),
        true,
    ),
    (
        &["mh-sso"],
        ["Mô-đun bảo mật HSM Mẫu", "Công ty Thiết bị Mẫu", "GP-MMDS-12.MH", "lưu khóa, ký"],
        [12, 900],
        true,
        Some(("civil", "Trưởng phòng Vận hành")),
        true,
    ),
    (
        &["mh-lgsp", "mh-ttdl"],
        ["Cổng mã hóa đường truyền Mẫu", "Công ty Thiết bị Mẫu", "GP-MMDS-31.MH", "VPN IPsec"],
        [240, 700],
        true,
        Some(("security", "Trưởng phòng Hạ tầng")),
        true,
    ),
    (
        &["mh-mail"],
        ["Tường lửa thư điện tử Mẫu", "Hãng An ninh Mẫu", "CN-ATTT-08.MH", "bản 7"],
        [180, 380],
        false,
        None,
        true,
    ),
    (
        &["mh-dvc", "mh-congtt"],
        ["Tường lửa ứng dụng web Mẫu", "Công ty An toàn Mẫu", "CN-ATTT-21.MH", "bản 4 và 5"],
        [310, 640],
        true,
        None,
        true,
    ),
    (
        &["mh-hsdt", "mh-hoichan"],
        ["Phần mềm bệnh viện Mẫu", "Công ty Y tế số Mẫu", "CN-HQ-44.MH", "mô-đun hồ sơ bệnh án"],
        [95, -40],
        true,
        None,
        false,
    ),
    (
        &["mh-datdai"],
        ["Hệ quản trị bản đồ Mẫu", "Hãng Bản đồ Mẫu", "CN-HQ-09.MH", "máy chủ bản đồ"],
        [25, 200],
        false,
        None,
        false,
    ),
    (
        &["mh-qlhs"],
        ["Phần mềm trường học Mẫu", "Công ty Giáo dục số Mẫu", "CN-HQ-63.MH", "bản 2026"],
        [-3, 150],
        true,
        None,
        true,
    ),
    // Another day for a certificate that others have registered too.
    (
        &["mh-bao"],
        ["Tường lửa ứng dụng web Mẫu", "Công ty An toàn Mẫu", "CN-ATTT-21.MH", "bản 4 và 5"],
        [675, 640],
        true,
        None,
        true,
    ),
];

const RETURNED: &str = "Bàn giao lại cơ sở dữ liệu dạng CSV kèm mô tả trong 30 ngày; mã nguồn gửi giữ tại \
     Trung tâm Chuyển đổi số; nhà thầu dự phòng tiếp nhận trong 60 ngày.";
const TAKEN_OVER: &str = "Cơ quan tự vận hành từ bản cài đặt và tài liệu đã nhận; dữ liệu sao hằng đêm về \
     kho của tỉnh; tuyển chọn nhà thầu mới trong 90 ngày.";

/// System, name, service; ended so many days ago or ends in so many; people, window, plan; tried so many
/// days ago; what somebody else keeps.
pub(super) type Paid = (
    [&'static str; 3],
    i64,
    u32,
    Option<&'static str>,
    Option<&'static str>,
    Option<i64>,
    &'static str,
);

const OFFICE: Option<&str> = Some("1-5 08:00-17:00");

pub(super) const PAID: [Paid; 16] = [
    (
        ["mh-dvc", "Công ty Phần mềm Mẫu", "Bảo trì ứng dụng"],
        210,
        6,
        OFFICE,
        Some(RETURNED),
        Some(70),
        "both",
    ),
    (
        ["mh-motcua", "Công ty Phần mềm Mẫu", "Bảo trì ứng dụng"],
        210,
        4,
        OFFICE,
        Some(RETURNED),
        Some(70),
        "both",
    ),
    (
        ["mh-vbdh", "Công ty Phần mềm Mẫu", "Phát triển, bảo trì"],
        20,
        5,
        OFFICE,
        Some(RETURNED),
        None,
        "source",
    ),
    (
        ["mh-lgsp", "Công ty Tích hợp Mẫu", "Vận hành nền tảng"],
        300,
        8,
        Some("1-7 06:00-22:00"),
        Some(TAKEN_OVER),
        Some(130),
        "both",
    ),
    (
        ["mh-khodl", "Công ty Tích hợp Mẫu", "Phát triển kho dữ liệu"],
        300,
        5,
        OFFICE,
        None,
        None,
        "data",
    ),
    (["mh-ioc", "Công ty Tích hợp Mẫu", "Hiển thị, phân tích"], 140, 3, OFFICE, None, None, "none"),
    (
        ["mh-sso", "Công ty Tích hợp Mẫu", "Bảo trì"],
        260,
        2,
        OFFICE,
        Some(TAKEN_OVER),
        None,
        "source",
    ),
    (
        ["mh-mail", "Công ty Thư điện tử Mẫu", "Vận hành, hỗ trợ"],
        44,
        3,
        OFFICE,
        Some(RETURNED),
        Some(200),
        "data",
    ),
    (
        ["mh-hsdt", "Công ty Y tế số Mẫu", "Vận hành tại chỗ"],
        -12,
        7,
        Some("1-7 00:00-23:59"),
        None,
        None,
        "none",
    ),
    (
        ["mh-hoichan", "Công ty Y tế số Mẫu", "Bảo trì"],
        160,
        2,
        OFFICE,
        Some(RETURNED),
        None,
        "data",
    ),
    (["mh-datdai", "Hãng Bản đồ Mẫu", "Bảo trì bản quyền"], 95, 2, None, None, None, "none"),
    (
        ["mh-qlhs", "Công ty Giáo dục số Mẫu", "Thuê dịch vụ"],
        -40,
        4,
        OFFICE,
        Some(TAKEN_OVER),
        Some(15),
        "data",
    ),
    (
        ["mh-knns", "Công ty Tài chính số Mẫu", "Bảo trì kết nối"],
        330,
        1,
        OFFICE,
        Some(TAKEN_OVER),
        Some(90),
        "source",
    ),
    (
        ["mh-paht", "Công ty Phần mềm Mẫu", "Bảo trì ứng dụng"],
        120,
        2,
        OFFICE,
        Some(RETURNED),
        None,
        "none",
    ),
    (
        ["mh-bao", "Công ty Truyền thông Mẫu", "Vận hành trang"],
        75,
        3,
        Some("1-7 05:00-23:00"),
        None,
        None,
        "none",
    ),
    (
        ["mh-giaothong", "Công ty Giao thông số Mẫu", "Bảo trì điều khiển"],
        400,
        3,
        OFFICE,
        None,
        None,
        "none",
    ),
];
