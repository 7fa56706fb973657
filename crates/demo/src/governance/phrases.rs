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
    /// A project that is not decided yet: its system and its name.
    pub waiting: (&'static str, &'static str),
    /// What found the findings.
    pub tool: &'static str,
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
    waiting: ("mh-hopkg", "Nâng cấp phòng họp không giấy"),
    tool: "Máy quét Mẫu",
};
