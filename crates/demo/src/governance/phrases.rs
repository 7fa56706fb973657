//! What people of the province write into dossiers and projects.

/// Words and names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrases {
    /// Who appraises.
    pub appraiser: &'static str,
    /// Who approves.
    pub approver: &'static str,
    /// What a dossier is about, after the name of its system.
    pub scope: &'static str,
    /// Why a level fits.
    pub reason: &'static str,
    /// The word to an answer that is not yes.
    pub partly: &'static str,
    /// The title of a document.
    pub document: &'static str,
    /// What the officer says when handing in.
    pub submitted: &'static str,
    /// What must change.
    pub returned: &'static str,
    /// The conclusion of an appraisal.
    pub appraised: &'static str,
    /// Why something was decided without an appraisal.
    pub exception: &'static str,
    /// Projects that are not decided yet.
    pub waiting: &'static [Waiting],
    /// What found the findings.
    pub tool: &'static str,
}

/// A project that waits for its decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The code of its system.
    pub system: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What is planned for it, in đồng.
    pub planned: i64,
    /// What of it is for security, in đồng, if that was estimated.
    pub security: Option<i64>,
    /// Whether the dossier of its system's design is about it, not about what was built before.
    pub is_appraised: bool,
}

/// Those of the province.
pub const PHRASES: Phrases = Phrases {
    appraiser: "person:thamdinh",
    approver: "person:truongca",
    scope: "máy chủ ứng dụng, cơ sở dữ liệu và các kết nối đã kê khai trong kiểm kê.",
    reason: "Theo loại thông tin, số đơn vị sử dụng và hậu quả khi gián đoạn đã nêu trong thuyết minh.",
    partly: "Đang triển khai, hoàn thành trong quý tới.",
    document: "Thuyết minh và sơ đồ kết nối",
    submitted: "Kính trình xem xét.",
    returned: "Bổ sung dự toán cho an ninh mạng và sơ đồ phân vùng mạng.",
    appraised: "Hồ sơ đầy đủ, đề nghị phê duyệt.",
    exception: "Quyết định ký trước khi có kết quả thẩm định; đã báo cáo và rút kinh nghiệm.",
    waiting: &[
        Waiting {
            system: "mh-hopkg",
            name: "Nâng cấp phòng họp không giấy",
            planned: 1_800_000_000,
            security: None,
            is_appraised: false,
        },
        Waiting {
            system: "mh-dulich",
            name: "Xây dựng cổng du lịch giai đoạn hai",
            planned: 2_400_000_000,
            security: Some(240_000_000),
            is_appraised: true,
        },
        // One đồng less than the rule asks.
        Waiting {
            system: "mh-qlhs",
            name: "Thay nền tảng quản lý trường học",
            planned: 900_000_000,
            security: Some(134_999_999),
            is_appraised: false,
        },
        Waiting {
            system: "mh-paht",
            name: "Mở rộng phản ánh hiện trường đến cấp xã",
            planned: 1_200_000_000,
            security: None,
            is_appraised: false,
        },
        Waiting {
            system: "mh-lgsp",
            name: "Mở rộng nền tảng tích hợp, chia sẻ dữ liệu",
            planned: 6_000_000_000,
            security: Some(1_200_000_000),
            is_appraised: false,
        },
    ],
    tool: "Máy quét Mẫu",
};
