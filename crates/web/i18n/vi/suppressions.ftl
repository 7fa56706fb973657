suppressions-about = điều đã biết là vô hại, ẩn có thời hạn; tạo từ trang của một cảnh báo
suppressions-holding = Đang ẩn
suppressions-all = Cả đã hết
suppressions-none = Không ẩn gì. Khi một cảnh báo là vô hại, mở cảnh báo đó và bấm «Tạm ẩn».
suppressions-hides = Ẩn khi
suppressions-rule = luật «{ $rule }»
suppressions-reason = Lý do
suppressions-since = Từ
suppressions-until = Đến
suppressions-ended = Kết thúc lúc
suppressions-over = đã hết
suppressions-last = Ẩn lần cuối
suppressions-hidden-short = Đã ẩn
suppressions-end = Kết thúc…
suppressions-end-about = Từ nay sự kiện khớp lại thành cảnh báo.
suppressions-end-it = Kết thúc ngay

done-suppression-ended = Đã kết thúc tạm ẩn.
